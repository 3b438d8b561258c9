// Some mutations need a recent password check. When the gateway returns REAUTHENTICATION_REQUIRED, this asks for the password and then
// repeats the mutation.
import { useMutation } from '@apollo/client/react'
import { createContext, useContext, useState, type ReactNode } from 'react'
import { Dialog } from '../Dialog'
import { Form } from '../Form'
import type { Problem } from '../gateway'
import { graphql } from '../gql'

const Reauthenticate = graphql(`
  mutation Reauthenticate($input: ReauthenticateInput!) {
    reauthenticate(input: $input) {
      session { id authenticatedAt }
      userErrors { code message field retryAfter }
    }
  }
`)

/** Runs `act`, which may need a recent password check. Asks for the password unless it is given. */
type Prove = (act: () => Promise<Problem[]>, password?: string) => Promise<Problem[]>

const Context = createContext<Prove>((act) => act())
export const useProof = () => useContext(Context)

export function Proof({ children }: { children: ReactNode }) {
  const [reauthenticate] = useMutation(Reauthenticate)
  const [question, setQuestion] = useState<{ answer: (given: boolean) => void }>()

  const give = async (password: string): Promise<Problem[]> =>
    (await reauthenticate({ variables: { input: { password } } })).data?.reauthenticate.userErrors ?? []

  const ask = () => new Promise<boolean>((answer) => setQuestion({ answer })).finally(() => setQuestion(undefined))

  const prove: Prove = async (act, password) => {
    const problems = await act()
    if (!problems.some(({ code }) => code === 'REAUTHENTICATION_REQUIRED')) return problems
    if (password !== undefined) {
      const refused = await give(password)
      return refused.length > 0 ? refused : act()
    }
    return await ask() ? act() : [{ code: 'CANCELLED', message: 'Nothing was changed.' }]
  }

  return (
    <Context value={prove}>
      {children}
      {question && (
        <Dialog title="Is it still you?" onClose={() => question.answer(false)}>
          <p>This needs your password once more.</p>
          <Form
            button="Continue"
            fields={[{ name: 'password', label: 'Password', type: 'password', autoComplete: 'current-password', missing: 'Enter your password.' }]}
            send={async ({ password }) => {
              const problems = await give(password)
              if (problems.length === 0) question.answer(true)
              return problems
            }}
          />
        </Dialog>
      )}
    </Context>
  )
}
