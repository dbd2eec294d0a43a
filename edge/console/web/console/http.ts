// Requests to the console's API. Our own header goes with every change: another site's page cannot
// send it.

export class Refused extends Error {
  readonly status: number;
  readonly id: string;
  readonly params: Record<string, unknown>;

  constructor(status: number, id: string, params: Record<string, unknown>) {
    super(id);
    this.status = status;
    this.id = id;
    this.params = params;
  }
}

export interface Me {
  user: string | null;
  role: string | null;
  view: boolean;
  silence: boolean;
  act: boolean;
}

async function ask<T>(path: string, init?: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/api/v1/${path}`, { credentials: 'same-origin', ...init });
  } catch {
    throw new Refused(0, 'console.server-down', {});
  }
  const body = (await response.json().catch(() => null)) as
    | { error?: { id: string; params: Record<string, unknown> } }
    | null;
  if (!response.ok) {
    throw new Refused(
      response.status,
      body?.error?.id ?? 'console.server-down',
      body?.error?.params ?? {},
    );
  }
  return body as T;
}

export function get<T>(path: string): Promise<T> {
  return ask<T>(path);
}

export function post<T>(path: string, body: unknown = {}): Promise<T> {
  return ask<T>(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Suian': '1' },
    body: JSON.stringify(body),
  });
}

/** An id that no other command has; crypto.randomUUID is not there on a plain-HTTP address. */
function commandId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export type Arguments = Record<string, string | number | boolean | string[]>;

/** What core says of a command that it has carried out. */
export interface Answer {
  result: ({ recorded?: boolean } & Record<string, unknown>) | null;
}

/** Whether core did what was asked and could not write it down. */
export function isUnrecorded(answer: Answer): boolean {
  return answer.result?.recorded === false;
}

let tellUnrecorded = (): void => undefined;

/** Have every command that core could not write down told, whoever sent it. */
export function onUnrecorded(tell: () => void): void {
  tellUnrecorded = tell;
}

/** Send an operator's command to core. */
export async function command(name: string, args: Arguments = {}, reason = ''): Promise<Answer> {
  const answer = await post<Answer>('command', { id: commandId(), name, args, reason });
  if (isUnrecorded(answer)) tellUnrecorded();
  return answer;
}
