/** The headers that every page leaves under: what it may load, whom it may speak to, and who may frame it. */

export interface PolicyRules {
  /** Our own address, known for sure only once the server listens. */
  publicUrl(): string;
  /** Exact origins of the sites that show the widget. */
  readonly origins: readonly string[];
}

export type FramedBy = 'nobody' | 'hosts';

/** `hosts`: our own pages and those of the allowed origins may frame the page. */
export function pageHeaders(rules: PolicyRules, framedBy: FramedBy): Readonly<Record<string, string>> {
  // Older browsers do not count our own stream among 'self'.
  const stream = new URL(rules.publicUrl()).origin.replace(/^http/, 'ws');
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `connect-src 'self' ${stream}`,
    "img-src 'self' data:",
    "form-action 'self'",
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types sesame dompurify',
    `frame-ancestors ${framedBy === 'nobody' ? "'none'" : ["'self'", ...rules.origins].join(' ')}`,
  ];
  return {
    'Content-Security-Policy': policy.join('; '),
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
    'Cross-Origin-Opener-Policy': 'same-origin',
  };
}
