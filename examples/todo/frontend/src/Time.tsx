const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'long', timeStyle: 'short' })

/** A point in time, as the visitor's part of the world writes it. */
export const Time = ({ at }: { at: string }) => <time dateTime={at}>{format.format(new Date(at))}</time>
