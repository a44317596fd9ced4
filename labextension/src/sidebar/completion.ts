/** What may come next in a filter. Pure. */
import type { Fields } from '../wire/types.js';

/** A text that may replace what stands from `from` to `to`. */
export interface Completion {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

const STATES = ['running', 'finished', 'failed', 'crashed', 'killed', 'preempting', 'damaged'];
const OWN = [
  'state', 'tags', 'project', 'group', 'job_type', 'display_name', 'id', 'notes', 'created_at', 'runtime',
  'n_rows', 'last_step', 'archived'
];
const MAX = 50;
/** What needs no quotes. */
const PLAIN = /^[^\s"'(){}[\]=<>!~#]+$/;
const CONDITION = /^([^=<>!~]+)(<=|>=|!=|=|<|>|~)(.*)$/;

/** Completes the word at the caret: the name of a field, or a value of it. */
export function complete(filter: string, caret: number, fields: Fields): Completion[] {
  if (filter.trimStart().startsWith('{')) {
    return [];
  }
  const from = wordStart(filter, caret);
  const rest = filter.slice(caret).search(/\s/);
  const to = rest < 0 ? filter.length : caret + rest;
  const word = filter.slice(from, caret);
  const made = (text: string): Completion => ({ text, from, to });
  const condition = CONDITION.exec(word);
  if (condition !== null) {
    const [, key = '', sign = '', begun = ''] = condition;
    const wanted = begun.replace(/^["']/, '');
    return matching(valuesOf(key, fields), wanted).map(value => made(`${key}${sign}${quoted(value)}`));
  }
  const names = [
    ...OWN,
    ...fields.config.map(name => `config.${name}`),
    ...fields.summary.map(name => `summary.${name}`)
  ].filter(name => PLAIN.test(name));
  const projects = word === '' ? [] : matching(fields.projects.filter(name => PLAIN.test(name)), word);
  return [...projects, ...matching(names, word)].slice(0, MAX).map(made);
}

function wordStart(filter: string, caret: number): number {
  let start = 0;
  let quote = '';
  for (let at = 0; at < caret; at += 1) {
    const char = filter[at] as string;
    if (quote !== '') {
      quote = char === quote ? '' : quote;
    } else if (char === '"' || char === "'") {
      quote = char;
    } else if (/\s/.test(char)) {
      start = at + 1;
    }
  }
  return start;
}

function valuesOf(key: string, fields: Fields): readonly string[] {
  switch (key) {
    case 'state':
      return STATES;
    case 'tags':
    case 'tag':
      return fields.tags;
    case 'project':
      return fields.projects;
    case 'group':
      return fields.groups;
    case 'archived':
      return ['True', 'False'];
    default:
      return [];
  }
}

/** Those that begin with the text before those that have it somewhere. */
function matching(names: readonly string[], wanted: string): string[] {
  const low = wanted.toLowerCase();
  const begin = names.filter(name => name.toLowerCase().startsWith(low));
  const others = names.filter(name => name.toLowerCase().indexOf(low) > 0);
  return [...begin, ...others].filter(name => name !== wanted).slice(0, MAX);
}

function quoted(value: string): string {
  return PLAIN.test(value) && !/^[\d.+-]|^(True|False|None|null|true|false)$/.test(value)
    ? value
    : value === 'True' || value === 'False'
      ? value
      : JSON.stringify(value);
}
