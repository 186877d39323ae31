// The same film as a slide show, for Remotion: lines are written letter by letter while they are
// said, on the same board, with the same number of frames.

import { AbsoluteFill, Composition, registerRoot, useCurrentFrame, useVideoConfig } from "remotion";

const board = {
  backgroundColor: "#fbfaf7",
  fontFamily: "sans-serif",
  padding: 80,
  color: "#1b2330",
};

function Slides({ slides }) {
  const { fps } = useVideoConfig();
  const now = (useCurrentFrame() * 1000) / fps;
  const slide = slides.find((one) => now < one.end) ?? slides.at(-1);
  return (
    <AbsoluteFill style={board}>
      {slide.lines.map(({ start, end, text }, at) => {
        const share = Math.min(Math.max((now - start) / (end - start), 0), 1);
        const shown = text.slice(0, Math.round(text.length * share));
        const size = at === 0 ? 56 : 34;
        return (
          <div key={start} style={{ fontSize: size, marginBottom: 24 }}>
            {shown}
            <span style={{ borderBottom: share < 1 && share > 0 ? "4px solid #1e5aa8" : "none" }}>
              {" "}
            </span>
          </div>
        );
      })}
    </AbsoluteFill>
  );
}

const Root = () => (
  <Composition
    id="slides"
    component={Slides}
    width={1280}
    height={720}
    fps={25}
    durationInFrames={25}
    defaultProps={{ slides: [], duration: 1000 }}
    calculateMetadata={({ props }) => ({
      durationInFrames: Math.round((props.duration * 25) / 1000),
    })}
  />
);

registerRoot(Root);
