/** Draws runs below cells, in JupyterLab and in Notebook 7. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry, type IRenderMime } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { jumpToCell } from './jump.js';
import { MIME_TYPE } from './payload.js';
import { RunRenderer } from './runRenderer.js';
import { serverOf } from './server.js';

/** Before the SVG at rest, which the same output has for other readers. */
const RANK = 10;

/** Adds the renderer to the registry that all documents use. */
export const renderer: JupyterFrontEndPlugin<void> = {
  id: 'nbtracker:renderer',
  description: 'Draws runs below cells.',
  autoStart: true,
  requires: [IRenderMimeRegistry],
  optional: [INotebookTracker, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    registry: IRenderMimeRegistry,
    notebooks: INotebookTracker | null,
    translator: ITranslator | null
  ): void => {
    const words = (translator ?? nullTranslator).load('nbtracker');
    const server = serverOf(app.serviceManager);
    registry.addFactory(
      {
        // It executes nothing from the notebook, so that it may draw in one that is not trusted.
        safe: true,
        mimeTypes: [MIME_TYPE],
        defaultRank: RANK,
        createRenderer: ({ mimeType }: IRenderMime.IRendererOptions) =>
          new RunRenderer({
            mimeType,
            server,
            words,
            onCell: jump => void jumpToCell({ app, notebooks, server, words }, jump)
          })
      },
      RANK
    );
  }
};
