package dev.holdfast.http;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/** The pages to which a problem's type leads. */
final class ProblemPages {

    private static final String HTML = "text/html; charset=utf-8";

    private ProblemPages() {}

    static List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get("/problems", Access.OPEN, call -> Future.succeededFuture(index())),
                Endpoint.get(
                        "/problems/{code}", Access.OPEN, call -> Future.succeededFuture(page(call.inPath("code")))));
    }

    private static Reply page(String word) {
        return ProblemCode.ofWord(word)
                .<Reply>map(code -> html(code.word(), body(code)))
                .orElseGet(() -> Problem.of(ProblemCode.NOT_FOUND, "There is no problem with this code."));
    }

    private static String body(ProblemCode code) {
        return "<h1>" + escaped(code.title()) + "</h1>\n<p>Code <code>" + code.word() + "</code>, status "
                + code.status() + ".</p>\n<p>" + escaped(code.page())
                + "</p>\n<p><a href=\"/problems\">All codes</a></p>";
    }

    private static Answer index() {
        StringBuilder list = new StringBuilder("<h1>Problems</h1>\n<ul>\n");
        for (ProblemCode code : ProblemCode.values()) {
            list.append("<li>")
                    .append(code.status())
                    .append(" <a href=\"/problems/")
                    .append(code.word())
                    .append("\">")
                    .append(code.word())
                    .append("</a>: ")
                    .append(escaped(code.title()))
                    .append("</li>\n");
        }
        return html("problems", list.append("</ul>").toString());
    }

    private static Answer html(String title, String body) {
        String page = "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Holdfast: " + title
                + "</title></head>\n<body>\n" + body + "\n</body>\n</html>\n";
        return Answer.of(HTML, Buffer.buffer(page)).with("content-security-policy", "default-src 'none'");
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
