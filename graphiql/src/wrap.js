// Wraps long lines on a phone, which is too narrow for lines that scroll sideways. GraphiQL wraps its answers anyway.
import { pick, useGraphiQL } from "@graphiql/react";
import { useEffect } from "react";

const phone = matchMedia("(max-width: 44rem)"); // as in style.css

export function WrapOnPhones() {
  const editors = Object.values(useGraphiQL(pick("queryEditor", "variableEditor", "headerEditor")));

  useEffect(() => {
    const wrap = () => {
      for (const editor of editors) editor?.updateOptions({ wordWrap: phone.matches ? "on" : "off" });
    };
    wrap();
    phone.addEventListener("change", wrap);
    return () => phone.removeEventListener("change", wrap);
  }, editors);
  return null;
}
