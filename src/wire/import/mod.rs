//! Other people's calls made native: a curl command, or a body alone, of the native route or of the old images route.

mod camel;
mod error;
mod fields;
mod images;
mod keys;
mod native;
mod route;
mod source;

pub use error::ImportError;
pub use fields::request_of;
pub use images::{Nearest, images_body};
pub use source::ReadFile;

use super::request::Call;
use keys::Known;
use route::Route;
use serde_json::Value;
use source::Source;

/// What a call was made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    NativeCurl,
    ImagesCurl,
    NativeBody,
    ImagesBody,
}

impl Form {
    fn of(is_native: bool, is_body: bool) -> Form {
        match (is_native, is_body) {
            (true, false) => Form::NativeCurl,
            (false, false) => Form::ImagesCurl,
            (true, true) => Form::NativeBody,
            (false, true) => Form::ImagesBody,
        }
    }

    /// For people and scripts.
    pub fn words(self) -> &'static str {
        match self {
            Form::NativeCurl => "curl, native",
            Form::ImagesCurl => "curl, images route",
            Form::NativeBody => "body, native",
            Form::ImagesBody => "body, images route",
        }
    }
}

/// A native call made of something else. No key is left in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// As it was written; none when nothing, or a placeholder, was.
    pub model: Option<String>,
    /// As the path says; the plain one where it says nothing.
    pub call: Call,
    /// Scheme, host, port and what stands before the version in the path: to be compared and shown, never to be called.
    pub base: Option<String>,
    /// An object in camelCase, with `contents` and `generationConfig`.
    pub body: Value,
    /// Whether a key, or a variable in its place, was left out.
    pub had_key: bool,
    /// What was changed or left out, in sentences for people.
    pub notes: Vec<String>,
    pub from: Form,
}

/// Makes a call native, in time that grows with its length alone.
pub fn import(text: &str, read_file: ReadFile<'_>, nearest: Nearest<'_>) -> Result<Imported, ImportError> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let is_body = text.starts_with(['{', '[']);
    let Source { route, base, keys, mut notes, mut body } = match text {
        "" => return Err(ImportError::Empty),
        _ if is_body => Source::of_body(text)?,
        _ => Source::of_command(text, read_file)?,
    };
    let known = Known::of(&keys);
    let covered = known.cover(&mut body);
    let is_native = !body["contents"].is_null();
    let from = Form::of(is_native, is_body);
    let (named, body) = if is_native {
        native::body(body, &mut notes)
    } else {
        route.takes_images(&body)?;
        let (model, body, more) = images_body(&body, nearest);
        notes.extend(more);
        (model, body)
    };
    let (in_path, call) = match route {
        Route::Native { model, call } => (Some(model), call),
        Route::Images | Route::Unknown => (None, Call::Generate),
    };
    let mut model = in_path.or(named).map(|model| known.mask(&model));
    if model.take_if(|model| is_placeholder(model)).is_some() {
        notes.push("the model in the call is a placeholder and was left out".to_owned());
    }
    if covered > 0 {
        notes.push("what looks like a key in the body became ***; a body is stored and shown".to_owned());
    }
    let (base, notes) = (base.map(|base| known.mask(&base)), notes.iter().map(|note| known.mask(note)).collect());
    Ok(Imported { model, call, base, body, had_key: !keys.is_empty(), notes, from })
}

/// Whether a name stands where the reader of an example is to write a model's.
fn is_placeholder(model: &str) -> bool {
    model.is_empty() || model.contains(['$', '{', '<', '*']) || model.starts_with("YOUR")
}

#[cfg(test)]
mod tests;
