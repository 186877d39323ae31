// A small picture of a look: the same scene, drawn as the engine draws in it.

import type { Style } from "../protocol";

const LOOKS: Record<Style, { ground: string; line: string; accent: string; width: number }> = {
  whiteboard: { ground: "#ffffff", line: "#1f2937", accent: "#1868db", width: 2.5 },
  chalkboard: { ground: "#23382f", line: "#f3f1e7", accent: "#f2d16b", width: 2 },
  modernMinimal: { ground: "#f4f5f7", line: "#5e6c84", accent: "#6554c0", width: 0 },
};

export function StylePicture({ style }: { style: Style }) {
  const { ground, line, accent, width } = LOOKS[style];
  const isFlat = width === 0;
  return (
    <svg viewBox="0 0 96 54" aria-hidden="true" className="style-picture">
      <rect width="96" height="54" fill={ground} />
      {style === "chalkboard" && (
        <path d="M2 2h92v50H2z" fill="none" stroke="#8a5a33" strokeWidth="4" />
      )}
      <g
        fill="none"
        stroke={line}
        strokeWidth={isFlat ? 3 : width}
        strokeLinecap="round"
        strokeLinejoin="round"
      >
        {isFlat ? (
          <>
            <path d="M12 14h34" />
            <path d="M12 24h24M12 32h28M12 40h18" opacity="0.5" />
          </>
        ) : (
          <>
            <path d="M12 14c8-2 22 1 34-1" />
            <path d="M12 24c7-1 14 1 24 0M12 32c9 1 18-1 28 0M12 40c6-1 12 1 18 0" />
          </>
        )}
      </g>
      {isFlat ? (
        <g fill={accent}>
          <circle cx="70" cy="20" r="9" />
          <path d="M54 44a16 12 0 0 1 32 0z" opacity="0.7" />
        </g>
      ) : (
        <g fill="none" stroke={accent} strokeWidth={width} strokeLinecap="round">
          <path d="M70 11c13-1 12 18 0 18-12 1-12-18 0-18Z" />
          <path d="M56 45c1-15 27-16 29 0" />
        </g>
      )}
    </svg>
  );
}
