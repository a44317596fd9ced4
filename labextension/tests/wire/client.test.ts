import { describe, expect, it } from 'vitest';

import { Client, parseRunName, RefusedError } from '../../src/wire/client.js';

interface Sent {
  path: string;
  init: RequestInit;
}

function clientOf(...answers: Response[]): { client: Client; sent: Sent[] } {
  const sent: Sent[] = [];
  const client = new Client((path, init) => {
    sent.push({ path, init });
    const answer = answers.shift();
    return answer ? Promise.resolve(answer) : Promise.reject(new TypeError('no network'));
  });
  return { client, sent };
}

const json = (value: unknown, init: ResponseInit = {}): Response =>
  new Response(JSON.stringify(value), init);

describe('the client', () => {
  it('spells names and arguments so that they cannot be read as anything else', async () => {
    const { client, sent } = clientOf(json({ runs: [] }), json({ id: 'x' }));
    await client.runs('default', { filter: 'a&b=c/d', limit: 5 });
    await client.run('default', { project: 'a b?#', id: 'ü' });
    expect(sent.map(one => one.path)).toEqual([
      'nbtracker/api/stores/default/runs?filter=a%26b%3Dc%2Fd&limit=5',
      'nbtracker/api/stores/default/runs/a%20b%3F%23/%C3%BC'
    ]);
  });

  it('asks again with the ETag, and takes 304 for what it had', async () => {
    const { client, sent } = clientOf(
      json({ id: 'x' }, { headers: { ETag: '"1"' } }),
      new Response(null, { status: 304 })
    );
    const run = { project: 'p', id: 'x' };
    expect(await client.run('default', run)).toEqual(await client.run('default', run));
    expect(sent[1]?.init.headers).toEqual({ 'If-None-Match': '"1"' });
  });

  it('passes on what the server said and what to do about it', async () => {
    const { client } = clientOf(json({ message: 'no such run', hint: 'ask for another' }, { status: 404 }));
    const error = await client.run('default', { project: 'p', id: 'x' }).catch((e: unknown) => e);
    expect(error).toEqual(new RefusedError(404, 'no such run', 'ask for another'));
  });

  it('says the status where a proxy answers with a page', async () => {
    const { client } = clientOf(new Response('<html>', { status: 502 }));
    await expect(client.stores()).rejects.toThrow('The server answered 502');
  });

  it('says that nothing answers where there is no network', async () => {
    const { client } = clientOf();
    await expect(client.stores()).rejects.toMatchObject({ status: 0 });
  });

  it('reads numbers that JSON has no words for', async () => {
    const { client } = clientOf(json({ summary: { loss: { _type: 'float', value: 'nan' } } }));
    const run = await client.run('default', { project: 'p', id: 'x' });
    expect(run.summary['loss']).toBeNaN();
  });

  it('keeps whole numbers that no number can hold as their digits', async () => {
    const config = { seed: { _type: 'int', value: '12345678901234567890' }, other: { _type: 'int' } };
    const { client } = clientOf(json({ config }));
    const run = await client.run('default', { project: 'p', id: 'x' });
    expect(run.config).toEqual({ seed: '12345678901234567890', other: { _type: 'int' } });
  });

  it('asks for the lines in which a file of the code of two runs differs', async () => {
    const answer = { path: 'modules/a b.py', lines: [{ sign: '-', text: 'x' }], is_cut: false };
    const { client, sent } = clientOf(json(answer));
    const [a, b] = [{ project: 'p', id: 'a' }, { project: 'p', id: 'b' }];
    expect(await client.codeLines('default', a, b, 'modules/a b.py')).toEqual(answer);
    expect(sent[0]?.path).toBe(
      'nbtracker/api/stores/default/compare/code?run=p%2Fa&run=p%2Fb&path=modules%2Fa+b.py'
    );
  });

  it('asks what changed since a revision', async () => {
    const { client, sent } = clientOf(json({ revision: 8, epoch: 'e', runs: [], gone: [], everything: false }));
    await client.changes('default', 7, 'e');
    expect(sent[0]?.path).toBe('nbtracker/api/stores/default/changes?since=7&epoch=e');
  });
});

describe('the name of a run', () => {
  it.each(['', 'p', 'p/', '/x', 'p/x/y', '../x', 'p/..', './x', 'p\\x/y', 'p/x\n', 7, null, 'p/'.repeat(300)])(
    'is not %j',
    text => expect(parseRunName(text)).toBeNull()
  );

  it('is a project and an id', () => {
    expect(parseRunName('my project/a1')).toEqual({ project: 'my project', id: 'a1' });
  });
});
