import { useAtom } from "../atoms/Registry.ts"
import { closeDialog } from "../look/Dialogs.ts"
import { hasLetters, setLetters, table } from "./KeyTable.ts"
import { Modal } from "../look/Modal.tsx"

const names: Readonly<Record<string, string>> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  " ": "Space",
  Escape: "Esc",
}

/** The table of keys, and the switch that turns single letters off. */
export const KeysDialog = () => {
  const letters = useAtom(hasLetters)
  return (
    <Modal title="Keys" onClose={closeDialog}>
      <div className="keys">
        <dl>
          {table.map(({ keys, does }) => (
            <div key={does}>
              <dt>
                {keys.map((key) => (
                  <kbd key={key}>{names[key] ?? (key.length === 1 ? key.toUpperCase() : key)}</kbd>
                ))}
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
        <label className="switch">
          <input
            type="checkbox"
            checked={letters}
            onChange={({ target }) => setLetters(target.checked)}
          />
          Single letters do something
        </label>
        <div className="actions">
          <button type="button" className="go" onClick={closeDialog}>
            Done
          </button>
        </div>
      </div>
    </Modal>
  )
}
