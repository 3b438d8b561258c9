/** Whether the user stays logged in after the browser is closed. Users should turn it off on a shared computer. */
export function RememberMe() {
  return (
    <label className="choice">
      <input type="checkbox" name="rememberMe" defaultChecked /> Stay logged in on this device
    </label>
  )
}
