import { visible } from "./EscapedText.ts"

/** A distinct id as it is, whatever is in it. */
export const IdText = ({ id }: { readonly id: string }) => <bdi className="id">{visible(id)}</bdi>
