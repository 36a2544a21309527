import './app/mantine.css';
import './app/base.css';
import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { keepFocus } from './app/keep-focus.ts';
import { OtherTab } from './app/other-tab.tsx';
import { theme, variablesSheet } from './app/theme.ts';
import { client, firstAnswer } from './port/connection.ts';
import { keepDropsFromOpening } from './port/shell.ts';
import { ClientContext } from './port/use-call.ts';

/** How long the page stays empty until the core has answered, in milliseconds. After that it says that it waits. */
const patience = 200;

document.adoptedStyleSheets.push(variablesSheet());
keepDropsFromOpening();
keepFocus();
const place = document.getElementById('page');
if (!place) throw new Error('index.html has no place for the page');
// Usually the answer is already here, and the page is drawn once, without a flash of "Loading".
const first = await Promise.race([
  firstAnswer,
  new Promise<undefined>((resolve) => setTimeout(resolve, patience)),
]);
createRoot(place).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      withCssVariables={false}
      withGlobalClasses={false}
    >
      {client ? (
        <ClientContext value={client}>
          <App first={first} />
        </ClientContext>
      ) : (
        <OtherTab />
      )}
    </MantineProvider>
  </StrictMode>,
);
