import marks from "../style/marks.svg"

/** The frame of the page, painted before anything is known. */
export const Bones = () => (
  <>
    <header className="bar">
      <span className="brand">
        <svg aria-hidden="true">
          <use href={`${marks}#brand`} />
        </svg>
        onymous
      </span>
    </header>
    <section className="deck bones" aria-hidden="true" />
    <main id="main" aria-busy="true" />
  </>
)
