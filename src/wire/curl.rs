//! A curl command as people paste it, read as a shell and curl would read it; the keys in it are set apart at once.

use regex::Regex;
use secrecy::SecretString;
use std::fmt;
use std::sync::LazyLock;
use url::Url;

/// Texts that begin like the keys that Google and gateways hand out.
pub static KEY_LIKE: LazyLock<Regex> = LazyLock::new(|| pattern(r"AIza[0-9A-Za-z_-]{8,}|(?-u:\b)sk-[0-9A-Za-z_-]{8,}"));

/// A command at the start of a line, perhaps behind a prompt, is meant rather than the word in a sentence.
static AT_LINE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(?m)^[ \t]*(?:[^\s'"]*[$%#>][ \t]+)?(curl(?:\.exe)?)[\s\\]"#));
static ANYWHERE: LazyLock<Regex> = LazyLock::new(|| pattern(r#"(?:^|[\s;&|(/`"'])(curl(?:\.exe)?)[\s\\]"#));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the patterns are constants, and the tests below use each")
}

/// Nobody writes a longer command; a whole page taken for one is refused early.
const MOST_WORDS: usize = 4096;

/// What a command asks curl to do, without its keys.
#[derive(Debug, Clone)]
pub struct Curl {
    /// What -X says, in capitals; `GET` for -G.
    pub method: Option<String>,
    /// Without user, fragment, and any of the query but `alt`.
    pub url: Url,
    /// Name and value; those that carry a key are in `keys` alone.
    pub headers: Vec<(String, String)>,
    /// The pieces of the body, in order, with the `&` that curl puts between them.
    pub data: Vec<Data>,
    /// What stood where keys stand, to be looked for elsewhere; it may be a variable's name.
    pub keys: Vec<SecretString>,
    pub notes: Vec<String>,
}

/// A piece of a body. Its `Debug` shows no content: a key may stand in it.
#[derive(Clone, PartialEq, Eq)]
pub enum Data {
    Text(String),
    /// The content of a file; `-d` takes its line ends out.
    File {
        path: String,
        one_line: bool,
    },
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Data::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Data::File { .. } => f.write_str("File"),
        }
    }
}

/// Why a text is no command that can be taken over. Nothing of the text is repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CurlError {
    #[error("there is no curl command in it; paste one from the word curl on, or a JSON body alone")]
    NoCommand,
    #[error("the quote that opens in line {line} is never closed; paste the whole command")]
    OpenQuote { line: usize },
    #[error("the curl command has more than {most} words; paste one command alone", most = MOST_WORDS)]
    TooLong,
    #[error("the curl command has no URL; paste the whole command")]
    NoUrl,
    #[error("the URL of the curl command cannot be read; write it like https://api.example.com/v1beta/models/…")]
    BadUrl,
    #[error("the option {option} of the curl command has nothing after it; paste the whole command")]
    NoValue { option: String },
    #[error(
        "the curl command sends a form or a file ({option}), and the native route takes JSON; pictures go along as \
         inlineData, which `unpeel send --image FILE` makes"
    )]
    Form { option: String },
    #[error(
        "the curl command takes its body from stdin (@-), where the command itself stands; save the body as a file and \
         write its name after the @"
    )]
    Stdin,
}

/// Reads the first command of a text, in time that grows with its length alone.
pub fn parse(text: &str) -> Result<Curl, CurlError> {
    let named = AT_LINE.captures(text).or_else(|| ANYWHERE.captures(text)).and_then(|found| found.get(1));
    let at = named.ok_or(CurlError::NoCommand)?.end();
    let mut shell = Shell { bytes: text.as_bytes(), at, depth: 0 };
    let mut words = Vec::new();
    while let Some(word) = shell.next_word()? {
        words.push(word);
        if words.len() > MOST_WORDS {
            return Err(CurlError::TooLong);
        }
    }
    let mut reader = Reader { words: words.into_iter(), ..Reader::default() };
    reader.read()?;
    reader.finish()
}

/// Whether a header or a field of a query is one that carries a key.
fn carries_key(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('_', "-");
    let parts = ["authorization", "api-key", "apikey", "token", "cookie", "secret", "password", "credential"];
    name == "key" || name == "amp;key" || parts.iter().any(|part| name.contains(part))
}

/// A word of the command, its quotes resolved.
struct Word {
    text: String,
    /// A `$NAME` in it is left as it is: the variable is in another shell.
    variable: bool,
}

impl Word {
    fn part(&self, text: &str) -> Word {
        Word { text: text.to_owned(), variable: self.variable }
    }
}

/// Splits as a POSIX shell does, and forgives what copying through web pages and Windows does to line ends.
struct Shell<'a> {
    bytes: &'a [u8],
    at: usize,
    /// How many `$(` are open.
    depth: usize,
}

impl Shell<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    /// The next word; none where the command ends.
    fn next_word(&mut self) -> Result<Option<Word>, CurlError> {
        loop {
            self.skip_blanks();
            match self.peek(0) {
                Some(b'<' | b'>') => self.skip_redirection()?,
                Some(b'\n') if self.option_follows() => self.at += 1,
                None | Some(b'\n' | b';' | b'|' | b'&' | b'`') => return Ok(None),
                Some(b')') if self.depth == 0 => return Ok(None),
                Some(_) => {
                    let word = self.word()?;
                    let redirected = matches!(self.peek(0), Some(b'<' | b'>'));
                    // The 2 of `2>/dev/null` is no word.
                    if !(redirected && word.text.bytes().all(|byte| byte.is_ascii_digit())) {
                        return Ok(Some(word));
                    }
                }
            }
        }
    }

    fn skip_blanks(&mut self) {
        loop {
            match self.peek(0) {
                Some(b' ' | b'\t' | b'\r') => self.at += 1,
                // Those of PowerShell and cmd.exe as well.
                Some(b'\\' | b'`' | b'^') => match self.next_line() {
                    Some(next) => self.at = next,
                    None => return,
                },
                _ => return,
            }
        }
    }

    /// Where the next line begins, if nothing but blanks follows the character here.
    fn next_line(&self) -> Option<usize> {
        let rest = self.bytes.get(self.at + 1..)?;
        let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
        (rest.get(blanks) == Some(&b'\n')).then_some(self.at + blanks + 2)
    }

    /// A line that begins with an option belongs to the command, though its backslash was lost on the way.
    fn option_follows(&self) -> bool {
        let rest = self.bytes.get(self.at + 1..).unwrap_or_default();
        rest.iter().find(|byte| !matches!(byte, b' ' | b'\t')) == Some(&b'-')
    }

    fn skip_redirection(&mut self) -> Result<(), CurlError> {
        while matches!(self.peek(0), Some(b'<' | b'>' | b'&' | b'|')) {
            self.at += 1;
        }
        self.skip_blanks();
        self.word().map(|_| ())
    }

    fn word(&mut self) -> Result<Word, CurlError> {
        let (mut out, mut variable) = (Vec::new(), false);
        while let Some(byte) = self.peek(0) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b'<' | b'>' | b';' | b'|' | b'`' => break,
                // An address that was pasted without quotes has some of its own.
                b'&' if self.peek(1).is_none_or(|next| b" \t\r\n&".contains(&next)) => break,
                b')' if self.depth == 0 => break,
                b'\'' => self.single(&mut out)?,
                b'"' => variable |= self.double(&mut out)?,
                b'\\' => match self.next_line() {
                    Some(next) => {
                        let glued = matches!(self.peek(1), Some(b'\n' | b'\r'));
                        self.at = next;
                        if !glued {
                            break;
                        }
                    }
                    None => {
                        out.extend(self.peek(1));
                        self.at += 2;
                    }
                },
                b'$' if self.peek(1) == Some(b'\'') => self.escaped(&mut out)?,
                b'$' if self.peek(1) == Some(b'"') => self.at += 1,
                _ => {
                    variable |= self.is_variable();
                    match byte {
                        b'(' if out.last() == Some(&b'$') => self.depth += 1,
                        b')' => self.depth -= 1,
                        _ => {}
                    }
                    out.push(byte);
                    self.at += 1;
                }
            }
        }
        Ok(Word { text: String::from_utf8_lossy(&out).into_owned(), variable })
    }

    fn is_variable(&self) -> bool {
        let begins_name = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'{' | b'(');
        self.peek(0) == Some(b'$') && self.peek(1).is_some_and(begins_name)
    }

    fn single(&mut self, out: &mut Vec<u8>) -> Result<(), CurlError> {
        let rest = self.bytes.get(self.at + 1..).unwrap_or_default();
        let length = memchr::memchr(b'\'', rest).ok_or_else(|| self.unclosed(self.at))?;
        out.extend(&rest[..length]);
        self.at += length + 2;
        Ok(())
    }

    /// True when a variable stands in it.
    fn double(&mut self, out: &mut Vec<u8>) -> Result<bool, CurlError> {
        let open = self.at;
        let mut variable = false;
        self.at += 1;
        loop {
            variable |= self.is_variable();
            match self.peek(0).ok_or_else(|| self.unclosed(open))? {
                b'"' => break,
                b'\\' => match self.peek(1) {
                    Some(next @ (b'$' | b'`' | b'"' | b'\\')) => {
                        out.push(next);
                        self.at += 1;
                    }
                    Some(b'\n') => self.at += 1,
                    Some(b'\r') if self.peek(2) == Some(b'\n') => self.at += 2,
                    _ => out.push(b'\\'),
                },
                byte => out.push(byte),
            }
            self.at += 1;
        }
        self.at += 1;
        Ok(variable)
    }

    /// `$'…'`, in which browsers write their requests down.
    fn escaped(&mut self, out: &mut Vec<u8>) -> Result<(), CurlError> {
        let open = self.at;
        self.at += 2;
        loop {
            let byte = self.peek(0).ok_or_else(|| self.unclosed(open))?;
            self.at += 1;
            match byte {
                b'\'' => return Ok(()),
                b'\\' => self.escape(out),
                _ => out.push(byte),
            }
        }
    }

    fn escape(&mut self, out: &mut Vec<u8>) {
        let Some(byte) = self.peek(0) else { return };
        self.at += 1;
        match byte {
            b'a' => out.push(7),
            b'b' => out.push(8),
            b'e' | b'E' => out.push(27),
            b'f' => out.push(12),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'v' => out.push(11),
            b'x' => out.extend(self.number(16, 2).and_then(|code| u8::try_from(code).ok())),
            b'u' => self.unicode(4, out),
            b'U' => self.unicode(8, out),
            b'0'..=b'7' => {
                self.at -= 1;
                out.extend(self.number(8, 3).and_then(|code| u8::try_from(code & 0xff).ok()));
            }
            b'\\' | b'\'' | b'"' | b'?' => out.push(byte),
            _ => out.extend([b'\\', byte]),
        }
    }

    fn number(&mut self, radix: u32, most: usize) -> Option<u32> {
        let rest = self.bytes.get(self.at..)?;
        let count = rest.iter().take(most).take_while(|byte| char::from(**byte).is_digit(radix)).count();
        let digits = std::str::from_utf8(&rest[..count]).ok()?;
        self.at += count;
        u32::from_str_radix(digits, radix).ok()
    }

    /// Browsers write what lies beyond U+FFFF as two halves.
    fn unicode(&mut self, digits: usize, out: &mut Vec<u8>) {
        let mut code = self.number(16, digits).unwrap_or(0xfffd);
        if (0xd800..0xdc00).contains(&code) && (self.peek(0), self.peek(1)) == (Some(b'\\'), Some(b'u')) {
            self.at += 2;
            let low = self.number(16, 4).unwrap_or(0);
            code = 0x10000 + ((code - 0xd800) << 10) + (low & 0x3ff);
        }
        let char = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        out.extend(char.encode_utf8(&mut [0; 4]).bytes());
    }

    fn unclosed(&self, open: usize) -> CurlError {
        let before = self.bytes.get(..open).unwrap_or_default();
        CurlError::OpenQuote { line: memchr::memchr_iter(b'\n', before).count() + 1 }
    }
}

/// What an option with a value means here.
#[derive(Clone, Copy, PartialEq)]
enum Role {
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

/// What an option with a value means, by its long name.
fn by_name(name: &str) -> Option<Role> {
    let known = OPTIONS.iter().find(|(long, ..)| *long == name).map(|(.., role)| *role);
    known.or_else(|| OTHER.split(' ').any(|long| long == name).then_some(Role::Other))
}

/// The same by its letter.
fn by_letter(letter: char) -> Option<Role> {
    let known = OPTIONS.iter().find(|(_, short, _)| *short == letter && letter != NONE).map(|(.., role)| *role);
    known.or_else(|| OTHER_LETTERS.contains(letter).then_some(Role::Other))
}

/// Names for a note, each once and not too many.
#[derive(Default)]
pub struct Names(Vec<String>);

impl Names {
    /// Enough to know what is meant.
    const MOST: usize = 12;

    pub fn add(&mut self, name: &str) {
        if self.0.len() <= Names::MOST && !self.0.iter().any(|known| known == name) {
            self.0.push(name.to_owned());
        }
    }

    /// With commas; none when there is no name.
    pub fn list(&self) -> Option<String> {
        let shown = self.0.iter().take(Names::MOST).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = if self.0.len() > Names::MOST { " and more" } else { "" };
        (!self.0.is_empty()).then(|| format!("{shown}{more}"))
    }
}

/// Takes the words one by one.
#[derive(Default)]
struct Reader {
    words: std::vec::IntoIter<Word>,
    method: Option<String>,
    urls: Vec<String>,
    headers: Vec<(String, String)>,
    data: Vec<Data>,
    keys: Vec<SecretString>,
    /// The data goes into the query, and the call is a GET.
    get: bool,
    /// A variable stands in the body.
    variable: bool,
    left_out: Names,
    unknown: Names,
}

impl Reader {
    fn read(&mut self) -> Result<(), CurlError> {
        while let Some(word) = self.words.next() {
            match word.text.as_str() {
                // Another request begins.
                "--next" | "-:" => break,
                text if text.starts_with("--") => self.long(&word)?,
                text if text.starts_with('-') => self.letters(&word)?,
                _ => self.urls.push(word.text),
            }
        }
        Ok(())
    }

    /// `--name VALUE` or `--name=VALUE`.
    fn long(&mut self, word: &Word) -> Result<(), CurlError> {
        let text = word.text.trim_start_matches('-');
        let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
        match (by_name(name), value) {
            (Some(role), Some(value)) => self.apply(format!("--{name}"), role, word.part(value))?,
            (Some(role), None) => self.with_next(format!("--{name}"), role)?,
            (None, _) if name == "get" => self.get = true,
            (None, _) => {
                let positive = name.strip_prefix("no-").unwrap_or(name);
                if !SWITCHES.split(' ').any(|known| known == positive || known == name) {
                    self.unknown(&format!("--{name}"));
                }
            }
        }
        Ok(())
    }

    /// `-sSX POST`, `-XPOST`: the first letter that takes a value has the rest of the word, or the next one.
    fn letters(&mut self, word: &Word) -> Result<(), CurlError> {
        for (at, letter) in word.text.char_indices().skip(1) {
            if let Some(role) = by_letter(letter) {
                let (option, rest) = (format!("-{letter}"), &word.text[at + letter.len_utf8()..]);
                let apart = rest.is_empty();
                return if apart { self.with_next(option, role) } else { self.apply(option, role, word.part(rest)) };
            }
            if letter == 'G' {
                self.get = true;
            } else if !SWITCH_LETTERS.contains(letter) {
                self.unknown(&format!("-{letter}"));
            }
        }
        Ok(())
    }

    /// An option's name is repeated only when it cannot be anything else.
    fn unknown(&mut self, option: &str) {
        let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        let plain = option.len() <= 32 && option.chars().all(word) && !KEY_LIKE.is_match(option);
        self.unknown.add(if plain { option } else { "one that is not shown" });
    }

    fn with_next(&mut self, option: String, role: Role) -> Result<(), CurlError> {
        match self.words.next() {
            Some(value) => self.apply(option, role, value),
            None => Err(CurlError::NoValue { option }),
        }
    }

    fn apply(&mut self, option: String, role: Role, value: Word) -> Result<(), CurlError> {
        match role {
            Role::Method => {
                let plain = value.text.len() <= 8 && value.text.bytes().all(|byte| byte.is_ascii_alphabetic());
                self.method = Some(if plain { value.text.to_ascii_uppercase() } else { "?".to_owned() });
            }
            Role::Header => self.header(&value.text),
            Role::Url => self.urls.push(value.text),
            Role::Data | Role::Binary | Role::Json | Role::Raw => self.data(value, role)?,
            Role::Key if value.text.is_empty() => {}
            Role::Key => self.keys.push(SecretString::from(value.text)),
            Role::Form => return Err(CurlError::Form { option }),
            Role::Other => self.left_out.add(&option),
        }
        Ok(())
    }

    fn header(&mut self, text: &str) {
        // curl itself sends nothing for a header without a colon, and takes none from a file here.
        let Some((name, value)) = text.split_once(':') else { return };
        let (name, value) = (name.trim(), value.trim());
        if carries_key(name) || KEY_LIKE.is_match(text) {
            if !value.is_empty() {
                self.keys.push(SecretString::from(value));
            }
        } else {
            self.headers.push((name.to_owned(), value.to_owned()));
        }
    }

    fn data(&mut self, value: Word, role: Role) -> Result<(), CurlError> {
        self.variable |= value.variable;
        if !self.data.is_empty() && role != Role::Json {
            self.data.push(Data::Text("&".to_owned()));
        }
        let piece = match value.text.strip_prefix('@').filter(|_| role != Role::Raw) {
            Some("-" | "/dev/stdin") => return Err(CurlError::Stdin),
            Some(path) => Data::File { path: path.to_owned(), one_line: role == Role::Data },
            None => Data::Text(value.text),
        };
        self.data.push(piece);
        Ok(())
    }

    fn finish(mut self) -> Result<Curl, CurlError> {
        let written = self.urls.iter().find(|url| url.contains("://")).or(self.urls.first()).ok_or(CurlError::NoUrl)?;
        let mut query = Names::default();
        let url = without_keys(written, &mut self.keys, &mut query)?;
        let mut notes = Vec::new();
        if self.urls.len() > 1 {
            notes.push("the command has several addresses or stray words; the first address was read".to_owned());
        }
        if self.get {
            self.method = Some("GET".to_owned());
            self.data.clear();
        }
        if self.variable {
            notes.push("a shell variable in the body stays as it is; put its value in its place".to_owned());
        }
        let lists = [
            ("the profile and the configuration have their own settings for", self.left_out.list()),
            ("these options of the command are not known and were left out:", self.unknown.list()),
            ("this of the query was left out:", query.list()),
        ];
        notes.extend(lists.into_iter().filter_map(|(why, names)| Some(format!("{why} {}", names?))));
        let (method, headers, data, keys) = (self.method, self.headers, self.data, self.keys);
        Ok(Curl { method, url, headers, data, keys, notes })
    }
}

/// The address, with the keys in it set apart and names of other fields of the query noted.
fn without_keys(written: &str, keys: &mut Vec<SecretString>, query: &mut Names) -> Result<Url, CurlError> {
    let written = written.trim();
    let has_scheme = written.split_once("://").is_some_and(|(scheme, _)| scheme.chars().all(char::is_alphanumeric));
    let whole = if has_scheme { written.to_owned() } else { format!("https://{written}") };
    let url = Url::parse(&whole).map_err(|_| CurlError::BadUrl)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(CurlError::BadUrl);
    }
    keys.extend(
        [Some(url.username()), url.password()]
            .into_iter()
            .flatten()
            .filter(|key| !key.is_empty())
            .map(SecretString::from),
    );
    let mut streamed = false;
    for (name, value) in url.query_pairs() {
        if carries_key(&name) || KEY_LIKE.is_match(&value) {
            keys.extend((!value.is_empty()).then(|| SecretString::from(value.into_owned())));
        } else if name == "alt" {
            streamed |= value == "sse";
        } else {
            query.add(&KEY_LIKE.replace_all(&name, "***"));
        }
    }
    // Some gateways take the key as a part of the path.
    let host = url.host_str().ok_or(CurlError::BadUrl)?;
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    let path = KEY_LIKE.replace_all(url.path(), "***");
    let tail = if streamed { "?alt=sse" } else { "" };
    Url::parse(&format!("{}://{host}{port}{path}{tail}", url.scheme())).map_err(|_| CurlError::BadUrl)
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    fn body(curl: &Curl) -> String {
        let text = |data: &Data| match data {
            Data::Text(text) => text.clone(),
            Data::File { path, one_line } => format!("<{path} {one_line}>"),
        };
        curl.data.iter().map(text).collect()
    }

    #[test]
    fn words_are_split_as_a_shell_does() {
        for (written, data) in [
            (r#"curl h -d '{"a":"it'\''s"}'"#, r#"{"a":"it's"}"#),
            (r#"curl h -d "{\"a\": \"\$5 \n\"}""#, r#"{"a": "$5 \n"}"#),
            (r#"curl h -d $'{"a":"\'\u4f60\x41\101\ud83d\ude00\\n"}'"#, r#"{"a":"'你AA😀\n"}"#),
            (r#"curl h -d '{"p":"'"$P"'"}'"#, r#"{"p":"$P"}"#),
            ("curl h -d a\\ b\\\nc", "a bc"),
            ("curl h \\\r\n  -d '{\r\n}'\r\n", "{\r\n}"),
            ("curl h \\  \n -d x", "x"),
            ("curl h ^\r\n -d x `\r\n -s", "x"),
            ("curl h\n  -d x\nls -d y", "x"),
            ("curl h -d x 2>/dev/null -d y | jq -d z", "x&y"),
            ("R=$(curl -d x h) -d y", "x"),
            ("curl h -d x; curl g -d y", "x"),
            ("Don't use curl like this:\n$ curl h -d x", "x"),
            ("/usr/bin/curl h --json a --json b", "ab"),
            ("curl h -d @f --data-binary @g --data-raw @h --data=i", "<f true>&<g false>&@h&i"),
        ] {
            assert_eq!(body(&parse(written).expect(written)), data, "{written}");
        }
    }

    #[test]
    fn options_may_stand_together_and_unknown_ones_are_told() {
        let curl = parse("curl -sSXpost -m 5 --retry=3 --frobnicate -Hx-a:b --compressed host/v1?alt=sse&a=1").unwrap();
        assert_eq!(curl.method.as_deref(), Some("POST"));
        assert_eq!(curl.url.as_str(), "https://host/v1?alt=sse");
        assert_eq!(curl.headers, [("x-a".to_owned(), "b".to_owned())]);
        assert_eq!(curl.notes.len(), 3, "{:?}", curl.notes);
        assert!(curl.notes[0].ends_with("-m, --retry") && curl.notes[1].ends_with("--frobnicate"));
        assert_eq!(parse("curl -G h -d a=b").unwrap().method.as_deref(), Some("GET"));
    }

    #[test]
    fn keys_are_set_apart_wherever_they_stand() {
        for written in [
            "curl 'https://h/v1beta?key=S3CRET-KEY&alt=sse'",
            "curl --url 'https://h?api_key=S3CRET-KEY'",
            "curl 'h?access_token=S3CRET-KEY#S3CRET-KEY'",
            "curl https://S3CRET-KEY@h",
            "curl https://me:S3CRET-KEY@h",
            "curl h -H 'Authorization: Bearer S3CRET-KEY'",
            "curl h -H 'x-goog-api-key:S3CRET-KEY'",
            "curl h -H 'X-API-Key: S3CRET-KEY' -H 'api-key: S3CRET-KEY'",
            "curl h -H 'Cookie: session=S3CRET-KEY' -b s=S3CRET-KEY",
            "curl h -uS3CRET-KEY --oauth2-bearer S3CRET-KEY",
        ] {
            let curl = parse(written).expect(written);
            assert!(!format!("{curl:?}").contains("S3CRET"), "{written}: {curl:?}");
            assert!(curl.keys.iter().any(|key| key.expose_secret().contains("S3CRET-KEY")), "{written}");
        }
        let sneaky = parse("curl h/sk-abcdefghijk/v1 -H 'X-Mine: AIzaSyAbcdefgh' --sk-abcdefghijk -d sk-abcdefghijk");
        let shown = format!("{:?}", sneaky.unwrap());
        assert!(!shown.contains("abcdefgh"), "{shown}");
    }

    #[test]
    fn what_cannot_be_taken_over_says_why() {
        for (written, error) in [
            ("wget h", CurlError::NoCommand),
            ("", CurlError::NoCommand),
            ("curl -d x \n", CurlError::NoUrl),
            ("curl 'https://'", CurlError::BadUrl),
            ("curl ftp://h", CurlError::BadUrl),
            ("\n curl h -d '{", CurlError::OpenQuote { line: 2 }),
            ("curl h -d \"{\\", CurlError::OpenQuote { line: 1 }),
            ("curl h -d $'\\", CurlError::OpenQuote { line: 1 }),
            ("curl h -d", CurlError::NoValue { option: "-d".into() }),
            ("curl h -F image=@a.png", CurlError::Form { option: "-F".into() }),
            ("curl h -d @-", CurlError::Stdin),
        ] {
            assert_eq!(parse(written).expect_err(written), error, "{written}");
        }
    }

    #[test]
    fn five_megabytes_of_anything_end() {
        for piece in ["curl ", "a ", "'", "\\ ", "$(", "$'\\u", "curl\n-", "\"\\\r", "curl h -d 'a' ", "curl h `^ "] {
            let flood = format!("curl h {}", piece.repeat(5_000_000 / piece.len()));
            let _whatever = parse(&flood);
        }
    }
}
