import { lazy, Suspense } from "react"
import { createRoot } from "react-dom/client"
import { Bones } from "./first/Bones.tsx"

/** The page itself comes after the first paint: what it needs is larger than what draws it. */
const Shell = lazy(async () => ({ default: (await import("./page/Shell.tsx")).Shell }))

const place = document.getElementById("studio")
if (place !== null) {
  createRoot(place).render(
    <Suspense fallback={<Bones />}>
      <Shell />
    </Suspense>,
  )
}
