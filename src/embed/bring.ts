/** First file of the discussion's own script: leaves it where the loader looks. */
import { createPanel } from '../widget/panel.js';
import sheet from '../widget/panel.css';
import { PLACE, type Loaded } from './load.js';

(globalThis as { [PLACE]?: Loaded })[PLACE] = { createPanel, sheet };
