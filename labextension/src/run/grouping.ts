/** Which metrics stand together, in which order, and how many of them are shown at once. Pure. */
import type { MetricInfo } from '../wire/types.js';

/** As much of a metric as it takes to place its chart and to draw it as it was defined. */
export type Plotted = Pick<MetricInfo, 'name' | 'section' | 'label' | 'goal' | 'step_metric'>;

/** The metrics of a section; those without a slash in their names have a section without a name. */
export interface Group {
  readonly name: string;
  readonly metrics: readonly Plotted[];
}

/** The metrics that have charts: not hidden ones, and not those that others are drawn over. */
export function charted(metrics: readonly MetricInfo[]): MetricInfo[] {
  const axes = new Set(metrics.map(metric => metric.step_metric));
  return metrics.filter(({ name, is_numeric, hidden }) => is_numeric && !hidden && !axes.has(name));
}

/** What trackers record of the machine; a dot in a name may be escaped. */
const OF_THE_MACHINE = { name: /^system\\?\./, section: /^system(\/|$)/ };

/** Metrics by section: the one without a name first, what is of the machine last, otherwise as they came. */
export function grouped(metrics: readonly Plotted[]): Group[] {
  const groups = new Map<string, Plotted[]>();
  for (const metric of metrics) {
    const name = metric.section || (OF_THE_MACHINE.name.test(metric.name) ? 'system' : '');
    const group = groups.get(name);
    if (group === undefined) {
      groups.set(name, [metric]);
    } else {
      group.push(metric);
    }
  }
  const interest = (name: string): number => (name === '' ? 0 : OF_THE_MACHINE.section.test(name) ? 2 : 1);
  return [...groups]
    .map(([name, some]) => ({ name, metrics: some }))
    .sort((a, b) => interest(a.name) - interest(b.name));
}

/** The groups of the metrics in whose name each word of the text occurs. */
export function matching(groups: readonly Group[], text: string): Group[] {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = ({ name }: Plotted): boolean => {
    const said = name.toLowerCase();
    return wanted.every(word => said.includes(word));
  };
  const found = groups.map(({ name, metrics }) => ({ name, metrics: metrics.filter(matches) }));
  return found.filter(({ metrics }) => metrics.length > 0);
}

/** The first groups, as far as they fit into so many sections and so many charts. */
export function firstOf(groups: readonly Group[], n_sections: number, n_charts: number): Group[] {
  const found: Group[] = [];
  let n_left = n_charts;
  for (const { name, metrics } of groups.slice(0, n_sections)) {
    if (n_left <= 0) {
      break;
    }
    found.push({ name, metrics: metrics.slice(0, n_left) });
    n_left -= metrics.length;
  }
  return found;
}
