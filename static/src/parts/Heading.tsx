import { type ReactNode, useEffect, useRef } from "react";

/** A heading that takes the focus when what is below it has replaced what was there. */
export function Heading({
  children,
  level = 1,
  takesFocus = false,
  id,
}: {
  children: ReactNode;
  level?: 1 | 2;
  takesFocus?: boolean;
  id?: string;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (takesFocus) heading.current?.focus();
  }, [takesFocus, children]);
  const Tag = level === 1 ? "h1" : "h2";
  return (
    <Tag ref={heading} id={id} tabIndex={-1} className="heading">
      {children}
    </Tag>
  );
}
