import { positionText } from "../words/Numbers.ts"
import { Link } from "./Link.tsx"

/** A position, as a link to that moment. */
export const At = ({ position }: { readonly position: number }) => (
  <Link className="at" to={{ at: position }}>
    {positionText(position)}
  </Link>
)
