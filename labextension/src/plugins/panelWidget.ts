/** The panel of runs as a widget of the left area. */
import type { LabIcon } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

import type { Words } from '../run/index.js';
import type { RunsPanel } from '../sidebar/panel.js';

/** Holds the panel, and gives it the focus when it is brought up. */
export class PanelWidget extends Widget {
  constructor(
    private readonly _panel: RunsPanel,
    icon: LabIcon,
    words: Words
  ) {
    super();
    this.id = 'nbtracker-panel';
    this.title.icon = icon;
    this.title.caption = words.__('Runs');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', words.__('Runs'));
    this.node.append(_panel.node);
    _panel.model.setSeen(false);
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._panel.dispose();
      super.dispose();
    }
  }

  protected override onAfterAttach(): void {
    this._panel.model.setSeen(this.isVisible);
  }

  protected override onAfterShow(): void {
    this._panel.model.setSeen(true);
    this._panel.list.draw();
  }

  protected override onAfterHide(): void {
    this._panel.model.setSeen(false);
  }

  protected override onResize(): void {
    this._panel.list.draw();
  }

  protected override onActivateRequest(_: Message): void {
    this._panel.list.node.focus();
  }
}
