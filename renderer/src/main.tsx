// First, so that the connection opens while the rest loads.
import { client } from './port/connection.ts';
import './app/mantine.css';
import './app/base.css';
import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { keepFocus } from './app/keep-focus.ts';
import { OtherTab } from './app/other-tab.tsx';
import { theme, variablesSheet } from './app/theme.ts';
import { keepDropsFromOpening } from './port/shell.ts';
import { ClientContext } from './port/use-call.ts';

document.adoptedStyleSheets.push(variablesSheet());
keepDropsFromOpening();
keepFocus();
const place = document.getElementById('page');
if (!place) throw new Error('index.html has no place for the page');
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
          <App />
        </ClientContext>
      ) : (
        <OtherTab />
      )}
    </MantineProvider>
  </StrictMode>,
);
