// The administrator's page: the API key goes in and never comes back out (P10, P11).

import Button from "@atlaskit/button/new";
import Textfield from "@atlaskit/textfield";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { call } from "../client";
import { clock, date, month, number } from "../format";
import { messages } from "../messages";
import { FailureMessage } from "../parts/FailureMessage";
import { Loading } from "../parts/Loading";
import SectionMessage from "../parts/Message";
import type { Answer, Failure, Settings as SettingsAnswer, Site } from "../protocol";
import { useAnswer } from "../use-answer";

export default function Settings() {
  const { loaded, reload } = useAnswer(() => call("settings"), "settings");
  if (loaded.state === "loading") return <Loading />;
  if (loaded.state === "failed") {
    return <FailureMessage failure={loaded.failure} onRetry={reload} />;
  }
  return <Form initial={loaded.value.site} />;
}

function Form({ initial }: { initial: Site }) {
  const words = messages.settings;
  const [site, setSite] = useState(initial);
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState<string>();
  const [failure, setFailure] = useState<Failure>();
  const [asking, setAsking] = useState(false);
  const [filled, setFilled] = useState(false);
  const field = useRef<HTMLInputElement>(null);

  const apply = async (answer: Promise<Answer<SettingsAnswer>>, success: string) => {
    setBusy(true);
    setDone(undefined);
    setFailure(undefined);
    const result = await answer;
    setBusy(false);
    if ("ok" in result) {
      setSite(result.ok.site);
      setDone(success);
    } else {
      setFailure(result.error);
    }
    field.current?.focus();
  };
  const save = (event: FormEvent) => {
    event.preventDefault();
    const input = field.current;
    if (!input?.value || busy) return;
    // The field is the only place in this page that ever held the key, and it is emptied at once.
    const apiKey = input.value;
    input.value = "";
    setFilled(false);
    void apply(call("saveApiKey", { apiKey }), words.saved);
  };

  return (
    <div className="settings">
      <div aria-live="polite">
        {done && (
          <SectionMessage appearance="success">
            <p>{done}</p>
          </SectionMessage>
        )}
      </div>
      {failure && <FailureMessage failure={failure} />}
      <section aria-labelledby="key-title">
        <h2 id="key-title">{words.key}</h2>
        {site.apiKey.problem && <FailureMessage failure={site.apiKey.problem} />}
        <KeyState site={site} />
        <form onSubmit={save}>
          <div className="field">
            <label htmlFor="api-key">{words.key}</label>
            <Textfield
              ref={field}
              id="api-key"
              testId="api-key-input"
              type="password"
              autoComplete="off"
              spellCheck={false}
              aria-describedby="api-key-hint"
              onChange={(event) => setFilled((event.target as HTMLInputElement).value !== "")}
            />
            <p id="api-key-hint" className="hint">
              {words.keyHint}
            </p>
          </div>
          <div className="buttons">
            <Button
              testId="api-key-save"
              type="submit"
              appearance="primary"
              isDisabled={!filled}
              isLoading={busy}
            >
              {words.save}
            </Button>
            {site.apiKey.present && (
              <Button
                testId="api-key-remove"
                appearance="subtle"
                isDisabled={busy}
                onClick={() => setAsking(true)}
              >
                {words.remove}
              </Button>
            )}
          </div>
        </form>
      </section>
      {asking && (
        <Confirm
          onCancel={() => {
            setAsking(false);
            field.current?.focus();
          }}
          onConfirm={() => {
            setAsking(false);
            void apply(call("removeApiKey"), words.removed);
          }}
        />
      )}
      <section aria-labelledby="usage-title">
        <h2 id="usage-title">{words.usage}</h2>
        <dl>
          <dt>{words.month}</dt>
          <dd>{month(site.usage.month)}</dd>
          <dt>{words.videos}</dt>
          <dd>{number(site.usage.videos)}</dd>
          <dt>{words.length}</dt>
          <dd>{clock(site.usage.seconds)}</dd>
          <dt>{words.engine}</dt>
          <dd>{words.engines[site.engine.name] ?? site.engine.name}</dd>
        </dl>
      </section>
    </div>
  );
}

function KeyState({ site: { apiKey, engine } }: { site: Site }) {
  const words = messages.settings;
  if (!apiKey.present) return <p>{engine.requiresApiKey ? words.absent : words.notNeeded}</p>;
  return (
    <dl>
      <dt>{words.state}</dt>
      <dd>{words.present}</dd>
      {apiKey.fingerprint && (
        <>
          <dt>{words.fingerprint}</dt>
          <dd>
            <code data-testid="api-key-fingerprint">{apiKey.fingerprint}</code>
          </dd>
        </>
      )}
      {apiKey.savedAt && (
        <>
          <dt>{words.savedAt}</dt>
          <dd>
            <time dateTime={apiKey.savedAt}>{date(apiKey.savedAt)}</time>
          </dd>
        </>
      )}
    </dl>
  );
}

function Confirm({ onCancel, onConfirm }: { onCancel: () => void; onConfirm: () => void }) {
  const words = messages.settings;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      role="alertdialog"
      aria-labelledby="confirm-title"
      aria-describedby="confirm-text"
      onCancel={(event) => {
        event.preventDefault();
        onCancel();
      }}
    >
      <h2 id="confirm-title">{words.removeTitle}</h2>
      <p id="confirm-text">{words.removeText}</p>
      <div className="buttons">
        <Button autoFocus onClick={onCancel}>
          {words.cancel}
        </Button>
        <Button appearance="danger" onClick={onConfirm}>
          {words.remove}
        </Button>
      </div>
    </dialog>
  );
}
