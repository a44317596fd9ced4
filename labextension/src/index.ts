/** What JupyterLab and Notebook 7 load: the list of our plugins. */
import { renderer } from './plugins/renderer.js';
import { sidebar } from './plugins/sidebar.js';

export default [renderer, sidebar];
