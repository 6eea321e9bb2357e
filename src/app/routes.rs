//! The routes pane's part of the state: which routes to expect before any call has proved one.

use super::state::State;
use crate::config::Mode;
use crate::route::RouteId;
use crate::wire::request::Call;

/// Rows for every profile's default route, so that the table shows what is not known yet.
pub fn expect_all(state: &mut State) {
    let setup = state.setup.clone();
    for profile in &setup.profiles {
        let call = if profile.mode == Mode::Stream { Call::Stream } else { Call::Generate };
        state.routes.expect(RouteId {
            profile: profile.name.clone(),
            kind: call.as_str().to_owned(),
            model: setup.catalog.resolve(&profile.model).to_owned(),
        });
    }
}
