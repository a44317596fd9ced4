/** What the user chose for a chart, remembered from one time to the next. */

import type { ChartStorage } from './types.js';

/** How a chart is looked at. */
export interface Choices {
  x: string;
  isLogX: boolean;
  isLogY: boolean;
  /** Weight of the moving average: 0 is none; below 1. */
  ema: number;
}

const PREFIX = 'chart:';
export const MAX_EMA = 0.999;

/** Read choices; what is missing or makes no sense is as in `initial`. */
export function recalled(storage: ChartStorage | undefined, key: string, initial: Choices): Choices {
  const said = read(storage, key);
  const { x, isLogX, isLogY, ema } = said;
  return {
    x: typeof x === 'string' ? x : initial.x,
    isLogX: typeof isLogX === 'boolean' ? isLogX : initial.isLogX,
    isLogY: typeof isLogY === 'boolean' ? isLogY : initial.isLogY,
    ema: typeof ema === 'number' && ema >= 0 && ema <= MAX_EMA ? ema : initial.ema
  };
}

/** Write choices; a storage that is full or forbidden is no reason to fail. */
export function remember(storage: ChartStorage | undefined, key: string, choices: Choices): void {
  try {
    storage?.set(PREFIX + key, choices);
  } catch {
    return;
  }
}

function read(storage: ChartStorage | undefined, key: string): Partial<Record<keyof Choices, unknown>> {
  try {
    const said = storage?.get(PREFIX + key);
    return typeof said === 'object' && said !== null ? said : {};
  } catch {
    return {};
  }
}
