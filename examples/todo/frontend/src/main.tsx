import { ApolloProvider } from '@apollo/client/react'
import { StrictMode, useSyncExternalStore, type ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { BrowserRouter, Navigate, Route, Routes } from 'react-router'
import { AccountPage } from './account/AccountPage'
import { gateway } from './gateway'
import { HomePage } from './HomePage'
import { LoginPage } from './LoginPage'
import { RegisterPage } from './RegisterPage'
import { SignedIn, SignedOut } from './session'
import './style.css'

/** Gives the pages the client of the signed-in user. When the user changes, React remounts everything below. */
function Gateway({ children }: { children: ReactNode }) {
  const client = useSyncExternalStore(gateway.subscribe, gateway.current)
  return <ApolloProvider client={client} key={gateway.generation()}>{children}</ApolloProvider>
}

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <BrowserRouter>
      <Gateway>
        <Routes>
          <Route element={<SignedIn />}>
            <Route path="/" element={<HomePage />} />
            <Route path="/account" element={<AccountPage />} />
          </Route>
          <Route element={<SignedOut />}>
            <Route path="/login" element={<LoginPage />} />
            <Route path="/register" element={<RegisterPage />} />
          </Route>
          <Route path="*" element={<Navigate to="/" replace />} />
        </Routes>
      </Gateway>
    </BrowserRouter>
  </StrictMode>,
)
