/** The server extension, as JupyterLab reaches it. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection, type ServiceManager } from '@jupyterlab/services';

import { Client } from '../wire/client.js';
import { Events } from '../wire/events.js';

/** What every plugin of ours asks and listens to; one a page. */
export interface Server {
  readonly client: Client;
  readonly events: Events;
}

const servers = new WeakMap<object, Server>();

/** The server of these services, the same one whenever it is asked for. */
export function serverOf({ serverSettings }: ServiceManager.IManager): Server {
  const known = servers.get(serverSettings);
  if (known) {
    return known;
  }
  const client = new Client((path, init) =>
    ServerConnection.makeRequest(URLExt.join(serverSettings.baseUrl, path), init, serverSettings)
  );
  const events = new Events(
    () => new serverSettings.WebSocket(eventsUrl(serverSettings)),
    (store, since, epoch) => client.changes(store, since, epoch)
  );
  const made = { client, events };
  servers.set(serverSettings, made);
  return made;
}

function eventsUrl({ wsUrl, token, appendToken }: ServerConnection.ISettings): string {
  const url = URLExt.join(wsUrl, 'nbtracker', 'events');
  return appendToken && token !== '' ? `${url}?token=${encodeURIComponent(token)}` : url;
}
