//! The parameters of the next call, and the form that changes them. Values come from dated tables, and any other is allowed.

use super::state::Setup;
use crate::call::Ask;
use crate::config::{Mode, Profile};
use crate::keymap::{Code, KeyPress};
use crate::wire::request::{Call, Request};
use std::path::PathBuf;

/// One line of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    Profile,
    Model,
    Call,
    Aspect,
    Size,
    Modalities,
    Thinking,
    Seed,
    Images,
    System,
}

impl Field {
    pub const ALL: [Field; 10] = [
        Field::Profile,
        Field::Model,
        Field::Call,
        Field::Aspect,
        Field::Size,
        Field::Modalities,
        Field::Thinking,
        Field::Seed,
        Field::Images,
        Field::System,
    ];

    pub fn label(self) -> &'static str {
        match self {
            Field::Profile => "profile",
            Field::Model => "model",
            Field::Call => "call",
            Field::Aspect => "aspectRatio",
            Field::Size => "imageSize",
            Field::Modalities => "modalities",
            Field::Thinking => "thinkingLevel",
            Field::Seed => "seed",
            Field::Images => "reference files",
            Field::System => "system",
        }
    }

    /// Chosen from a list only; the others can be typed into.
    pub fn is_choice(self) -> bool {
        matches!(self, Field::Profile | Field::Call | Field::Modalities)
    }
}

/// Empty text means: not sent.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Params {
    pub profile: String,
    pub model: String,
    pub call: Call,
    pub aspect: String,
    pub size: String,
    pub modalities: Vec<String>,
    pub thinking: String,
    pub seed: String,
    /// Paths, separated by commas.
    pub images: String,
    pub system: String,
    /// What the form has no field for, of the call that the parameters come from.
    pub rest: Request,
}

impl Params {
    pub fn new(profile: Option<&Profile>) -> Params {
        let mut params = Params { modalities: vec!["IMAGE".to_owned()], ..Params::default() };
        if let Some(profile) = profile {
            params.follow(profile);
        }
        params
    }

    /// Takes a profile's model and mode over.
    fn follow(&mut self, profile: &Profile) {
        self.profile.clone_from(&profile.name);
        self.model.clone_from(&profile.model);
        self.call = if profile.mode == Mode::Stream { Call::Stream } else { Call::Generate };
    }

    /// The parameters of a call that was made.
    pub fn of(ask: &Ask) -> Params {
        let request = &ask.request;
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        Params {
            profile: ask.profile.name.clone(),
            model: ask.model.clone(),
            call: ask.call.native(),
            aspect: text(&request.aspect_ratio),
            size: text(&request.image_size),
            modalities: request.modalities.clone(),
            thinking: text(&request.thinking_level),
            seed: request.seed.map(|seed| seed.to_string()).unwrap_or_default(),
            images: ask.references.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", "),
            system: text(&request.system),
            rest: request.clone(),
        }
    }

    /// What would be sent with this prompt, or a sentence on what is wrong.
    pub fn ask(&self, prompt: String, setup: &Setup) -> Result<Ask, String> {
        let profile = setup.profiles.iter().find(|p| p.name == self.profile);
        let profile =
            profile.ok_or_else(|| format!("there is no profile {:?}; choose one in the parameters", self.profile))?;
        let filled = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
        let seed = match filled(&self.seed) {
            Some(text) => Some(
                text.parse::<i64>()
                    .map_err(|_| format!("seed {text:?} is no whole number; change it in the parameters"))?,
            ),
            None => None,
        };
        Ok(Ask {
            profile: profile.clone(),
            call: self.call,
            model: self.model.trim().to_owned(),
            request: Request {
                prompt,
                system: filled(&self.system),
                modalities: self.modalities.clone(),
                aspect_ratio: filled(&self.aspect),
                image_size: filled(&self.size),
                thinking_level: filled(&self.thinking),
                seed,
                ..self.rest.clone()
            },
            references: self.images.split(',').filter_map(filled).map(PathBuf::from).collect(),
            parent: None,
            replay: None,
        })
    }

    /// The value of a field as text.
    pub fn value(&self, field: Field) -> String {
        match field {
            Field::Profile => self.profile.clone(),
            Field::Model => self.model.clone(),
            Field::Call => self.call.as_str().to_owned(),
            Field::Aspect => self.aspect.clone(),
            Field::Size => self.size.clone(),
            Field::Modalities => self.modalities.join("+"),
            Field::Thinking => self.thinking.clone(),
            Field::Seed => self.seed.clone(),
            Field::Images => self.images.clone(),
            Field::System => self.system.clone(),
        }
    }

    /// The values that the tables know for a field, "not sent" among them as an empty text.
    pub fn choices(&self, field: Field, setup: &Setup) -> Vec<String> {
        let optional = |known: &[String]| std::iter::once(String::new()).chain(known.iter().cloned()).collect();
        let model = setup.catalog.resolve(&self.model);
        match field {
            Field::Profile => setup.profiles.iter().map(|p| p.name.clone()).collect(),
            Field::Model => setup.catalog.models().iter().map(|m| m.id.clone()).collect(),
            Field::Call => [Call::Generate, Call::Stream].map(|c| c.as_str().to_owned()).to_vec(),
            Field::Aspect => optional(setup.catalog.aspects(model)),
            Field::Size => optional(setup.catalog.sizes(model)),
            Field::Modalities => ["IMAGE", "TEXT+IMAGE", "TEXT"].map(str::to_owned).to_vec(),
            Field::Thinking => optional(setup.catalog.thinking(model)),
            Field::Seed | Field::Images | Field::System => vec![],
        }
    }

    fn set(&mut self, field: Field, value: String, setup: &Setup) {
        match field {
            Field::Profile => {
                if let Some(profile) = setup.profiles.iter().find(|p| p.name == value) {
                    self.follow(profile);
                }
            }
            Field::Call => self.call = Call::of(&value).native(),
            Field::Modalities => self.modalities = value.split('+').map(str::to_owned).collect(),
            _ => *self.text_mut(field) = value,
        }
    }

    fn text_mut(&mut self, field: Field) -> &mut String {
        match field {
            Field::Aspect => &mut self.aspect,
            Field::Size => &mut self.size,
            Field::Thinking => &mut self.thinking,
            Field::Seed => &mut self.seed,
            Field::Images => &mut self.images,
            Field::System => &mut self.system,
            Field::Profile | Field::Model | Field::Call | Field::Modalities => &mut self.model,
        }
    }

    /// The next or previous value that the tables know.
    pub fn step(&mut self, field: Field, forward: bool, setup: &Setup) {
        let choices = self.choices(field, setup);
        if choices.is_empty() {
            return;
        }
        let value = self.value(field);
        let next = match choices.iter().position(|c| *c == value) {
            Some(at) if forward => (at + 1) % choices.len(),
            Some(at) => (at + choices.len() - 1) % choices.len(),
            None => 0,
        };
        self.set(field, choices[next].clone(), setup);
    }

    /// A key typed into a field.
    pub fn type_key(&mut self, field: Field, key: KeyPress) {
        if field.is_choice() {
            return;
        }
        match key.code {
            Code::Char('u') if key.ctrl => self.text_mut(field).clear(),
            Code::Char(c) if !key.ctrl && !key.alt => self.text_mut(field).push(c),
            Code::Backspace => drop(self.text_mut(field).pop()),
            Code::Delete => self.text_mut(field).clear(),
            _ => {}
        }
    }

    /// Adds pasted text to a field, on one line.
    pub fn paste(&mut self, field: Field, text: &str) {
        if !field.is_choice() {
            self.text_mut(field).push_str(&one_line(text));
        }
    }
}

/// Pasted text for a place that has one line.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
