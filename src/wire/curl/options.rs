//! curl's options, as far as they matter here: which take a value, and what it means.

/// What an option with a value means here.
#[derive(Clone, Copy, PartialEq)]
pub enum Role {
    Method,
    Header,
    Url,
    /// A piece of the body; `@` names a file, whose line ends go.
    Data,
    /// The same, with its line ends.
    Binary,
    /// The same, and nothing stands between the pieces.
    Json,
    /// A piece of the body in which `@` means nothing.
    Raw,
    /// A key, or what holds one.
    Key,
    /// A body that is no JSON.
    Form,
    /// Something that the configuration has its own setting for, or none.
    Other,
}

/// Options with a value that matter here: the long name, the letter, the meaning.
const OPTIONS: &[(&str, char, Role)] = &[
    ("request", 'X', Role::Method),
    ("header", 'H', Role::Header),
    ("url", NONE, Role::Url),
    ("data", 'd', Role::Data),
    ("data-ascii", NONE, Role::Data),
    ("data-binary", NONE, Role::Binary),
    ("data-raw", NONE, Role::Raw),
    ("json", NONE, Role::Json),
    ("user", 'u', Role::Key),
    ("oauth2-bearer", NONE, Role::Key),
    ("cookie", 'b', Role::Key),
    ("proxy-user", 'U', Role::Key),
    ("proxy-header", NONE, Role::Key),
    ("pass", NONE, Role::Key),
    ("form", 'F', Role::Form),
    ("form-string", NONE, Role::Form),
    ("data-urlencode", NONE, Role::Form),
    ("upload-file", 'T', Role::Form),
];

/// In place of a letter; nobody can write it.
const NONE: char = '\0';

/// Other options with a value, which must not be taken for the address.
const OTHER: &str = "aws-sigv4 cacert capath cert cert-type ciphers config connect-timeout connect-to continue-at \
    cookie-jar curves dns-servers doh-url dump-header expect100-timeout happy-eyeballs-timeout-ms interface \
    keepalive-time key key-type limit-rate local-port max-filesize max-redirs max-time netrc-file noproxy output \
    output-dir pinnedpubkey proto proto-default proxy range rate referer request-target resolve retry retry-delay \
    retry-max-time socks4 socks5 socks5-hostname speed-limit speed-time stderr time-cond tls-max trace trace-ascii \
    unix-socket url-query user-agent write-out";
const OTHER_LETTERS: &str = "ACcDEeKmorwxYyz";

/// Options without a value that change nothing of what is asked; also with `no-` in front.
const SWITCHES: &str = "anyauth basic buffer compressed create-dirs disable fail fail-early fail-with-body globoff \
    http1.0 http1.1 http2 http2-prior-knowledge http3 include insecure ipv4 ipv6 keepalive location location-trusted \
    netrc no-buffer parallel path-as-is progress-bar progress-meter remote-header-name remote-name retry-all-errors \
    retry-connrefused show-error show-headers silent ssl-no-revoke tcp-nodelay tlsv1.2 tlsv1.3 verbose";
const SWITCH_LETTERS: &str = "#0123469aBfgijJklLMnNOpqRsSvVZ";

fn lists(names: &str, name: &str) -> bool {
    names.split(' ').any(|known| known == name)
}

/// What an option with a value means, by its long name.
pub fn by_name(name: &str) -> Option<Role> {
    let known = OPTIONS.iter().find(|(long, ..)| *long == name).map(|(.., role)| *role);
    known.or_else(|| lists(OTHER, name).then_some(Role::Other))
}

/// The same by its letter.
pub fn by_letter(letter: char) -> Option<Role> {
    let known = OPTIONS.iter().find(|(_, short, _)| *short == letter && letter != NONE).map(|(.., role)| *role);
    known.or_else(|| OTHER_LETTERS.contains(letter).then_some(Role::Other))
}

/// Whether a long name is one of an option without a value.
pub fn is_switch(name: &str) -> bool {
    lists(SWITCHES, name) || name.strip_prefix("no-").is_some_and(|name| lists(SWITCHES, name))
}

/// The same by its letter.
pub fn is_switch_letter(letter: char) -> bool {
    SWITCH_LETTERS.contains(letter)
}
