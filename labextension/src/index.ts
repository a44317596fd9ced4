/** What JupyterLab and Notebook 7 load: the list of our plugins. */
import { renderer } from './plugins/renderer.js';

export default [renderer];
