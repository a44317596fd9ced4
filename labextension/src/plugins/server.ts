/** The server extension, as JupyterLab reaches it. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection, type ServiceManager } from '@jupyterlab/services';

import { Client, MissingError, type Send } from '../wire/client.js';
import { Events } from '../wire/events.js';
import { StoresInUse } from './storesInUse.js';

/** What every plugin of ours asks and listens to; one a page. */
export interface Server {
  readonly client: Client;
  readonly events: Events;
  /** Which stores are shown on this page. */
  readonly inUse: StoresInUse;
}

const servers = new WeakMap<object, Server>();

/** The server of these services, the same one whenever it is asked for. */
export function serverOf({ serverSettings }: ServiceManager.IManager): Server {
  const known = servers.get(serverSettings);
  if (known) {
    return known;
  }
  const send: Send = (path, init) =>
    ServerConnection.makeRequest(URLExt.join(serverSettings.baseUrl, path), init, serverSettings);
  const client = new Client(send);
  const events = new Events(
    () => {
      // The console tells of each socket that fails: none is tried before somebody had an answer.
      if (client.isMissing) {
        throw new MissingError();
      }
      return new serverSettings.WebSocket(eventsUrl(serverSettings));
    },
    (store, since, epoch) => client.changes(store, since, epoch)
  );
  const made = { client, events, inUse: new StoresInUse() };
  servers.set(serverSettings, made);
  return made;
}

function eventsUrl({ wsUrl, token, appendToken }: ServerConnection.ISettings): string {
  const url = URLExt.join(wsUrl, 'nbtracker', 'events');
  return appendToken && token !== '' ? `${url}?token=${encodeURIComponent(token)}` : url;
}
