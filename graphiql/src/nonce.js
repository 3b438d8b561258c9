// Lets Monaco's <style> elements through the Content-Security-Policy (style-src 'self' 'nonce-…').
// It must run before anything that makes one. The browser hides the nonce attribute from CSS and
// getAttribute; the property still has it.
const { nonce } = document.querySelector('meta[name="csp-nonce"]');
const { createElement } = Document.prototype;

Document.prototype.createElement = function () {
  const element = createElement.apply(this, arguments);
  if (element instanceof HTMLStyleElement) element.nonce = nonce;
  return element;
};
