/** What may come next in a filter. Pure. */
import type { Fields } from '../wire/types.js';
import { type Known, lowered, nearestTo } from './nearest.js';

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
/** Of more conditions on what is no field, the first are corrected. */
const MAX_CORRECTED = 3;
/** What needs no quotes. */
const PLAIN = /^[^\s"'(){}[\]=<>!~#]+$/;
/** A text in quotes is one word with what stands before it. */
const WORD = /(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\S)+/g;
/** What is left of a word from within it, and of what is in quotes. */
const REST_OF_WORD = new RegExp(`^(?:${WORD.source})`);
const REST: Record<string, RegExp> = { '"': /^(?:[^"\\]|\\.)*"/, "'": /^(?:[^'\\]|\\.)*'/ };
const CONDITION = /^([^=<>!~]+)(<=|>=|!=|=|<|>|~)(.*)$/;

/**
 * Completes the word at the caret: the name of a field, or a value of it. Of a name that is none, what
 * may have been meant.
 */
export function complete(filter: string, caret: number, fields: Fields): Completion[] {
  if (filter.trimStart().startsWith('{')) {
    return [];
  }
  const { from, to } = wordAt(filter, caret);
  const word = filter.slice(from, caret);
  const made = (text: string): Completion => ({ text, from, to });
  const condition = CONDITION.exec(word);
  if (condition !== null) {
    const [, key = '', sign = '', begun = ''] = condition;
    const wanted = begun.replace(/^["']/, '');
    const values = matching(lowered(valuesOf(key, fields)), wanted).map(value => `${key}${sign}${quoted(value)}`);
    const meant = values.length > 0 ? [] : misspelled(key, fields).map(name => `${name}${sign}${begun}`);
    return [...values, ...meant].map(made);
  }
  if (word === '') {
    return namesIn(fields).all.slice(0, MAX).map(({ name }) => made(name));
  }
  const alone = lowered([...fields.projects.filter(isPlain), ...STATES]);
  const found = [...matching(alone, word), ...matching(namesIn(fields).all, word)];
  return (found.length > 0 ? found : misspelled(word, fields)).slice(0, MAX).map(made);
}

/** What may have been meant by conditions on what is no field. */
export function corrections(filter: string, fields: Fields): Completion[] {
  const words = filter.trimStart().startsWith('{') ? [] : [...filter.matchAll(WORD)];
  const conditions = words.map(({ 0: word, index }) => ({ word, index, parts: CONDITION.exec(word) ?? [] }));
  const unknown = conditions.filter(({ parts: [, key = ''] }) => key !== '' && !namesIn(fields).isKnown(key));
  return unknown.slice(0, MAX_CORRECTED).flatMap(({ word, index, parts: [, key = '', sign = '', value = ''] }) => {
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

interface Names {
  readonly all: readonly Known[];
  /** Also names that a filter may have and that are not offered. */
  isKnown(key: string): boolean;
}

/** Made once: a store may have very many names, and each key that is pressed needs them. */
const kept = new WeakMap<Fields, Names>();

function namesIn(fields: Fields): Names {
  const known = kept.get(fields);
  if (known !== undefined) {
    return known;
  }
  const all = lowered([...namesOf(fields), ...shortNames(fields)]);
  const keys = new Set([...all.map(({ name }) => name), ...fields.summary.map(name => `summary_metrics.${name}`)]);
  const names = { all, isKnown: (key: string): boolean => keys.has(key) };
  kept.set(fields, names);
  return names;
}

function misspelled(key: string, fields: Fields): string[] {
  const { all, isKnown } = namesIn(fields);
  return isKnown(key) ? [] : nearestTo(key, all);
}

function isPlain(name: string): boolean {
  return PLAIN.test(name);
}

/** The word that the caret is in or at, with what is in quotes; quotes that are not closed end with it. */
function wordAt(filter: string, caret: number): { from: number; to: number } {
  let from = 0;
  let quote = '';
  for (let at = 0; at < caret; at += 1) {
    const char = filter[at] as string;
    if (quote !== '') {
      quote = char === quote ? '' : quote;
      at += Number(char === '\\');
    } else if (char === '"' || char === "'") {
      quote = char;
    } else if (/\s/.test(char)) {
      from = at + 1;
    }
  }
  const closed = quote === '' ? null : REST[quote]?.exec(filter.slice(caret));
  const inside = caret + (closed?.[0].length ?? 0);
  return { from, to: inside + (REST_OF_WORD.exec(filter.slice(inside))?.[0].length ?? 0) };
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
function matching(names: readonly Known[], wanted: string): string[] {
  const text = wanted.toLowerCase();
  const begin = names.filter(({ low }) => low.startsWith(text));
  const others = names.filter(({ low }) => low.indexOf(text) > 0);
  return [...begin, ...others].map(({ name }) => name).filter(name => name !== wanted).slice(0, MAX);
}

function quoted(value: string): string {
  return PLAIN.test(value) && !/^[\d.+-]|^(True|False|None|null|true|false)$/.test(value)
    ? value
    : value === 'True' || value === 'False'
      ? value
      : JSON.stringify(value);
}
