//! A path of the route table with its methods.

use actix_web::{HttpRequest, HttpResponse, Resource, Route, web};

use super::problem::{self, Code, Problem};

/// A path with its one method; another method is refused in words.
pub(super) fn at(path: &str, route: Route) -> Resource {
    web::resource(path).route(route).default_service(web::to(method_not_allowed))
}

async fn method_not_allowed(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let (method, path) = (request.method(), problem::shown(request.path()));
    Err(Problem::new(Code::MethodNotAllowed, format!("{path} does not answer to {method}.")))
}
