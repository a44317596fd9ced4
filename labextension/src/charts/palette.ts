/** Colours that people with any colour vision tell apart, readable on light and on dark. */

/** Red, green and blue from 0 to 255. */
export type Rgb = readonly [number, number, number];

/**
 * Source: Okabe and Ito, "Color Universal Design", 2008. Colours with a contrast below 3:1 on
 * white, or on a dark ground, are made darker or lighter.
 */
const ON_LIGHT = ['#0072b2', '#d55e00', '#007f5c', '#b0538c', '#8f6300', '#2684b8', '#000000', '#7a7000'];
const ON_DARK = ['#56b4e9', '#e69f00', '#2fc79c', '#f0e442', '#ff7f3f', '#e5a0c9', '#ffffff', '#7aa6ff'];

/** Dashes in pixels, none so short that a noisy line falls apart into dots. */
const DASHES: readonly (readonly number[])[] = [
  [], [8, 4], [14, 5], [10, 3, 4, 3], [5, 3], [18, 4, 5, 4, 5, 4], [20, 8], [12, 3, 4, 3, 4, 3]
];

/** Grounds on which the palette was checked. */
export const GROUNDS = { light: '#ffffff', dark: '#111111' } as const;

/** The colour of the i-th line. */
export function colorOf(i: number, isDark: boolean): string {
  const colors = isDark ? ON_DARK : ON_LIGHT;
  return colors[i % colors.length] ?? '#888888';
}

/** The dash of the i-th line; the first one is solid. */
export function dashOf(i: number): readonly number[] {
  return DASHES[i % DASHES.length] ?? [];
}

/** Dashes for lines of these colours: a line is solid unless one before it has its colour. */
export function dashesFor(colors: readonly string[]): (readonly number[])[] {
  const seen = new Map<string, number>();
  return colors.map(color => {
    const n = seen.get(color) ?? 0;
    seen.set(color, n + 1);
    return dashOf(n);
  });
}

/** Read `#rgb`, `#rrggbb`, `rgb(...)` or `rgba(...)`; null for anything else. */
export function parseColor(text: string): Rgb | null {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{8})$/i.exec(text.trim())?.[1];
  if (hex !== undefined) {
    const full = hex.length === 3 ? [...hex].map(digit => digit + digit).join('') : hex;
    return [0, 2, 4].map(i => parseInt(full.slice(i, i + 2), 16)) as unknown as Rgb;
  }
  const parts = /^rgba?\(\s*([\d.]+)[\s,]+([\d.]+)[\s,]+([\d.]+)/i.exec(text.trim());
  const rgb = parts?.slice(1, 4).map(Number);
  return rgb !== undefined && rgb.every(Number.isFinite) ? (rgb as unknown as Rgb) : null;
}

/** How much of white a colour is. Source: WCAG 2.2, relative luminance. */
export function luminance(color: Rgb): number {
  const [r, g, b] = color.map(part => {
    const share = Math.min(255, part) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** The contrast of two colours, from 1 to 21. */
export function contrast(one: Rgb, other: Rgb): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

/** A colour that can be seen on this ground: the same, or made darker or lighter until it can. */
export function readable(color: string, ground: Rgb, least = 3): string {
  const rgb = parseColor(color);
  if (rgb === null) {
    return color;
  }
  const target = luminance(ground) > 0.18 ? 0 : 255;
  for (let share = 0; share <= 1; share += 0.1) {
    const mixed = rgb.map(part => Math.round(part + share * (target - part))) as unknown as Rgb;
    if (contrast(mixed, ground) >= least) {
      return `#${mixed.map(part => part.toString(16).padStart(2, '0')).join('')}`;
    }
  }
  return target === 0 ? '#000000' : '#ffffff';
}
