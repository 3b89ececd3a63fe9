// The summary of errors is read first: <div tabindex="-1" data-focus>
export function bind([first]) {
  first.focus();
}
