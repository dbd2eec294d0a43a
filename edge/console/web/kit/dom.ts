// Two small makers of elements. Text goes in as text, never as markup.
type Attributes = Record<string, string | number | boolean | undefined>;
type Child = Node | string;
const SVG = 'http://www.w3.org/2000/svg';

function dress(element: Element, attributes: Attributes, children: Child[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children);
}

/** An HTML element. */
export function h<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  dress(element, attributes, children);
  return element;
}

/** An SVG element. */
export function s<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, name);
  dress(element, attributes, children);
  return element;
}

/** A button that does something. */
export function button(label: string, className: string, act: () => void): HTMLButtonElement {
  const element = h('button', { type: 'button', class: className }, label);
  element.addEventListener('click', act);
  return element;
}

/** Set an element's text, touching the page only where it differs. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Set a class list of exactly these names. */
export function setClass(element: Element, ...names: (string | false | undefined)[]): void {
  const wanted = names.filter(Boolean).join(' ');
  if (element.getAttribute('class') !== wanted) element.setAttribute('class', wanted);
}
