/** Numbers, times and counts as people read them. */

/** A number with significant digits: never `0.00` for a small one, never `1e-1`. */
export function formatNumber(value: number, digits = 5): string {
  if (Number.isNaN(value)) {
    return 'NaN';
  }
  if (!Number.isFinite(value)) {
    return value > 0 ? '+∞' : '−∞';
  }
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e9) {
    return signed(String(size), value);
  }
  if (size !== 0 && (size >= 1e6 || size < 1e-4)) {
    const [mantissa = '', power = ''] = size.toExponential(digits - 1).split('e');
    return signed(`${trimmed(mantissa)}e${power.replace('+', '').replace('-', '−')}`, value);
  }
  const isWhole = size >= 10 ** (digits - 1);
  return signed(isWhole ? size.toFixed(0) : trimmed(size.toPrecision(digits)), value);
}

function signed(text: string, value: number): string {
  return value < 0 ? `−${text}` : text;
}

function trimmed(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** Labels of ticks: with as many digits as they need to differ. */
export function formatTicks(values: readonly number[]): string[] {
  for (let digits = 3; digits <= 12; digits += 1) {
    const labels = values.map(value => formatNumber(value, digits));
    const areExact = values.every((v, i) => Math.abs(parsed(labels[i] ?? '') - v) <= 1e-9 * Math.abs(v));
    if (new Set(labels).size === labels.length && (areExact || digits >= 8)) {
      return labels;
    }
  }
  return values.map(value => formatNumber(value, 17));
}

function parsed(label: string): number {
  return Number(label.replaceAll('−', '-'));
}

/** A count with groups of three digits. */
export function formatCount(n: number): string {
  return String(Math.round(n)).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** A duration: `850 ms`, `12.4 s`, `3 min 05 s`, `2 h 03 min`, `4 d 2 h`. */
export function formatDuration(seconds: number): string {
  const size = Math.abs(seconds);
  const sign = seconds < 0 ? '−' : '';
  const pad = (n: number): string => String(n).padStart(2, '0');
  if (!Number.isFinite(size)) {
    return formatNumber(seconds);
  }
  if (size < 60) {
    return size < 1 && size > 0 ? `${sign}${formatNumber(size * 1000, 3)} ms` : `${sign}${formatNumber(size, 3)} s`;
  }
  const whole = Math.round(size);
  if (whole < 3600) {
    return `${sign}${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  }
  const minutes = Math.floor(whole / 60);
  if (minutes < 1440) {
    return `${sign}${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
  }
  const hours = Math.floor(minutes / 60);
  return `${sign}${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A moment of local time, given in seconds since 1970: `2026-11-21 19:05:03`. */
export function formatMoment(seconds: number): string {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) {
    return formatNumber(seconds);
  }
  return `${dayOf(date)} ${clockOf(date)}`;
}

function dayOf(date: Date): string {
  const pad = (n: number): string => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

function clockOf(date: Date): string {
  const pad = (n: number): string => String(n).padStart(2, '0');
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

/** Labels of moments: the clock, and the day where it changes. */
export function formatMoments(values: readonly number[]): string[] {
  let day = '';
  const step = (values[1] ?? 0) - (values[0] ?? 0);
  return values.map(value => {
    const date = new Date(value * 1000);
    if (Number.isNaN(date.getTime())) {
      return formatNumber(value);
    }
    const today = dayOf(date);
    if (step >= 86400) {
      return today;
    }
    const clock = step >= 60 ? clockOf(date).slice(0, 5) : clockOf(date);
    const label = today !== day && day !== '' ? `${today.slice(5)} ${clock}` : clock;
    day = today;
    return label;
  });
}
