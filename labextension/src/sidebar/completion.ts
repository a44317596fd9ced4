/** What may come next in a filter. Pure. */
import type { Fields } from '../wire/types.js';
import { nearestTo } from './nearest.js';

/** A text that may replace what stands from `from` to `to`. */
export interface Completion {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

const STATES = ['running', 'finished', 'failed', 'crashed', 'killed', 'preempting', 'damaged'];
const OWN = [
  'state', 'tags', 'name', 'project', 'group', 'job_type', 'display_name', 'id', 'notes', 'created_at',
  'ended_at', 'runtime', 'n_rows', 'last_step', 'archived'
];
const MAX = 50;
/** What needs no quotes. */
const PLAIN = /^[^\s"'(){}[\]=<>!~#]+$/;
/** A text in quotes is one word with what stands before it. */
const WORD = /(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\S)+/g;
const CONDITION = /^([^=<>!~]+)(<=|>=|!=|=|<|>|~)(.*)$/;

/**
 * Completes the word at the caret: the name of a field, or a value of it. Of a name that is none, what
 * may have been meant.
 */
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
    const values = matching(valuesOf(key, fields), wanted).map(value => `${key}${sign}${quoted(value)}`);
    const meant = values.length > 0 ? [] : misspelled(key, fields).map(name => `${name}${sign}${begun}`);
    return [...values, ...meant].map(made);
  }
  if (word === '') {
    return namesOf(fields).slice(0, MAX).map(made);
  }
  const alone = [...fields.projects.filter(isPlain), ...STATES];
  const found = [...matching(alone, word), ...matching([...namesOf(fields), ...shortNames(fields)], word)];
  return (found.length > 0 ? found : misspelled(word, fields)).slice(0, MAX).map(made);
}

/** What may have been meant by conditions on what is no field. */
export function corrections(filter: string, fields: Fields): Completion[] {
  const words = filter.trimStart().startsWith('{') ? [] : [...filter.matchAll(WORD)];
  return words.flatMap(({ 0: word, index }) => {
    const [, key = '', sign = '', value = ''] = CONDITION.exec(word) ?? [];
    const [from, to] = [index, index + word.length];
    return misspelled(key, fields).map(name => ({ text: `${name}${sign}${value}`, from, to }));
  });
}

/** Fields as they are called in full. */
function namesOf({ config, summary }: Fields): string[] {
  const full = [...OWN, ...config.map(name => `config.${name}`), ...summary.map(name => `summary.${name}`)];
  return full.filter(isPlain);
}

/** What is in a config or a summary may be called by its name alone, where no field of runs is called so. */
function shortNames({ config, summary }: Fields): string[] {
  return [...new Set([...config, ...summary])].filter(name => isPlain(name) && !OWN.includes(name));
}

function misspelled(key: string, fields: Fields): string[] {
  const short = shortNames(fields);
  const known = [...namesOf(fields), ...short, ...fields.summary.map(name => `summary_metrics.${name}`)];
  return known.includes(key) ? [] : nearestTo(key, [...namesOf(fields), ...short]);
}

function isPlain(name: string): boolean {
  return PLAIN.test(name);
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
