/** Whether the person stays logged in when the browser is closed: not at a computer that others use. */
export function RememberMe() {
  return (
    <label className="choice">
      <input type="checkbox" name="rememberMe" defaultChecked /> Stay logged in on this device
    </label>
  )
}
