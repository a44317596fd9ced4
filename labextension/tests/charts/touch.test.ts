import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { Touch } from '../../src/charts/touch.js';

let node: HTMLElement;
let touch: Touch;
let said: string[];

function finger(name: string, id: number, x: number, y: number, pointerType = 'touch'): void {
  const init = { pointerId: id, pointerType, clientX: x, clientY: y, bubbles: true, composed: true };
  node.dispatchEvent(new PointerEvent(`pointer${name}`, init));
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

beforeEach(() => {
  node = document.createElement('div');
  document.body.append(node);
  vi.spyOn(node, 'getBoundingClientRect').mockReturnValue({ left: 100, top: 50, width: 200, height: 100 } as DOMRect);
  said = [];
  touch = new Touch(node, {
    tapped: (left, top) => said.push(`tapped ${left} ${top}`),
    left: () => said.push('left'),
    dragged: (x, y) => said.push(`dragged ${round(x)} ${round(y)}`),
    zoomed: (factor, around) => said.push(`zoomed ${round(factor)} ${round(around)}`)
  });
});

afterEach(() => {
  touch.dispose();
  node.remove();
  vi.restoreAllMocks();
});

describe('fingers', () => {
  test('a tap points, and one elsewhere ends that', () => {
    finger('down', 1, 150, 70);
    finger('move', 1, 153, 72);
    finger('up', 1, 153, 72);
    expect(said).toEqual(['tapped 50 20']);
    finger('down', 2, 120, 60);
    document.body.dispatchEvent(new PointerEvent('pointerdown', { pointerType: 'touch', bubbles: true }));
    document.body.dispatchEvent(new PointerEvent('pointerdown', { pointerType: 'touch', bubbles: true }));
    expect(said).toEqual(['tapped 50 20', 'left']);
  });

  test('one finger moves', () => {
    finger('down', 1, 150, 70);
    finger('move', 1, 130, 90);
    finger('move', 1, 120, 90);
    finger('up', 1, 120, 90);
    expect(said).toEqual(['left', 'dragged 0.1 0.2', 'dragged 0.05 0']);
  });

  test('two fingers zoom around the middle between them', () => {
    finger('down', 1, 180, 100);
    finger('down', 2, 220, 100);
    finger('move', 1, 160, 100);
    finger('move', 2, 240, 100);
    finger('up', 2, 240, 100);
    finger('up', 1, 160, 100);
    expect(said.filter(one => one.startsWith('zoomed'))).toEqual(['zoomed 0.667 0.45', 'zoomed 0.75 0.5']);
    expect(said.some(one => one.startsWith('tapped'))).toBe(false);
  });

  test('with what scrolls the page, nothing is done', () => {
    finger('down', 1, 150, 70);
    finger('cancel', 1, 150, 70);
    finger('move', 1, 150, 20);
    finger('up', 1, 150, 20);
    expect(said).toEqual([]);
  });

  test('a mouse is none of them', () => {
    finger('down', 1, 150, 70);
    expect(touch.isLast).toBe(true);
    finger('down', 2, 150, 70, 'mouse');
    finger('move', 2, 190, 70, 'mouse');
    expect([said, touch.isLast]).toEqual([[], false]);
  });

  test('the page scrolls along each axis that is not zoomed', () => {
    const allowed = (isX: boolean, isY: boolean): string => {
      touch.allow(isX, isY);
      return node.style.touchAction;
    };
    expect([node.style.touchAction, allowed(true, false), allowed(false, true), allowed(true, true)]).toEqual(
      ['pan-x pan-y', 'pan-y', 'pan-x', 'none']
    );
    expect(allowed(false, false)).toBe('pan-x pan-y');
  });
});
