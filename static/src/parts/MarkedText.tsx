// A field for text in which the words that stand instead of people are marked where they stand. A text
// field cannot mark words itself, so that a layer with the same text, unseen but for the marks, lies
// over it; that layer also makes the field as high as its text.

import TextArea from "@atlaskit/textarea";
import { mark } from "../marks";

export function MarkedText({
  label,
  value,
  onChange,
  phrases,
  oneLine = false,
  isReadOnly = false,
  ...rest
}: {
  /** Its name where no visible label has one. */
  label?: string;
  value: string;
  onChange: (value: string) => void;
  /** What to mark. */
  phrases: string[];
  /** Whether it wraps, but holds no line breaks. */
  oneLine?: boolean;
  isReadOnly?: boolean;
  id?: string;
  placeholder?: string;
  maxLength?: number;
  "aria-describedby"?: string | undefined;
}) {
  return (
    <div className={oneLine ? "marked one-line" : "marked"}>
      <TextArea
        {...rest}
        // The page's language need not be the reader's.
        dir="auto"
        aria-label={label}
        value={value}
        isReadOnly={isReadOnly}
        resize="none"
        minimumRows={1}
        onChange={({ target }) =>
          onChange(oneLine ? target.value.replace(/[\r\n]+/g, " ") : target.value)
        }
      />
      <div className="marks" dir="auto" aria-hidden="true">
        {mark(value, phrases).map((part, index) =>
          part.marked ? <mark key={index}>{part.text}</mark> : part.text,
        )}
        {/* Gives a line to a text that ends with a line break. */}
        {"\u200b"}
      </div>
    </div>
  );
}
