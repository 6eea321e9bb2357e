//! Paid probes as calls: the smallest real picture, and one try of the images route. Both are sent, stored and judged as any call.

use crate::call::Ask;
use crate::catalog::Catalog;
use crate::config::Profile;
use crate::wire::request::{Call, Request};

/// Asks for little, and for something that nobody refuses.
const PROMPT: &str = "A plain red circle on a white background.";

/// What a probe costs by the table; `None` when no table knows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Price(pub Option<f64>);

impl Price {
    /// For the question before it: `$0.067`.
    pub fn words(&self) -> String {
        self.0.map_or_else(|| "an unknown price".to_owned(), |usd| format!("about ${usd:.3}"))
    }
}

/// The smallest real picture of a model, with its price.
pub fn smallest(profile: &Profile, call: Call, model: &str, catalog: &Catalog) -> Ask {
    let priced = catalog.sizes(model).iter().filter_map(|size| Some((size, catalog.price(model, Some(size))?.usd)));
    let cheapest = priced.min_by(|(_, one), (_, other)| one.total_cmp(other)).map(|(size, _)| size.clone());
    let thinking = catalog.model(model).and_then(|known| known.thinking.iter().find(|level| *level == "MINIMAL"));
    let request = Request {
        prompt: PROMPT.to_owned(),
        image_size: cheapest,
        thinking_level: thinking.cloned(),
        ..Request::default()
    };
    ask(profile, call, model, request)
}

/// One try of the images route, which is expected to fail. It knows the models by their aliases.
pub fn legacy(profile: &Profile, model: &str) -> Ask {
    ask(profile, Call::Images, model, Request { prompt: PROMPT.to_owned(), ..Request::default() })
}

/// What a paid probe costs if it brings a picture.
pub fn price(ask: &Ask, catalog: &Catalog) -> Price {
    let model = if ask.call == Call::Images { &ask.model } else { ask.model_on_wire(catalog) };
    Price(catalog.price(model, ask.request.image_size.as_deref()).map(|price| price.usd))
}

/// What is about to be sent, how often, and what it costs.
pub fn question(ask: &Ask, price: &str) -> String {
    let (name, base, model) = (&ask.profile.name, &ask.profile.base, &ask.model);
    let size = ask.request.image_size.as_deref().map_or_else(String::new, |size| format!(", {size}"));
    match ask.call {
        Call::Images => format!(
            "Send 1 request to the images route of {name} ({base}, model {model})? It is expected to fail, and a failure to cost nothing; a picture costs {price}."
        ),
        Call::Generate | Call::Stream => format!(
            "Make 1 real picture on {name} ({base}, model {model}{size}) for {price}? What was booked is looked up after."
        ),
    }
}

fn ask(profile: &Profile, call: Call, model: &str, request: Request) -> Ask {
    let (profile, model) = (profile.clone(), model.to_owned());
    Ask { profile, call, model, request, references: vec![], parent: None, replay: None }
}
