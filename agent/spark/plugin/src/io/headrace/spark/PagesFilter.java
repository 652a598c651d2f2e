package io.headrace.spark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import javax.servlet.Filter;
import javax.servlet.FilterChain;
import javax.servlet.FilterConfig;
import javax.servlet.ServletException;
import javax.servlet.ServletRequest;
import javax.servlet.ServletResponse;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/**
 * Shows Spark's pages only to Headrace's servers, which show them to people. The pages listen on loopback, where programs of other people
 * run too. A request proves itself with the attempt's token.
 */
public final class PagesFilter implements Filter {
    private static final String HEADER = "X-Headrace-Pages";
    private byte[] token;

    @Override
    public void init(FilterConfig config) {
        token = config.getInitParameter("token").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain) throws IOException, ServletException {
        String shown = ((HttpServletRequest) request).getHeader(HEADER);
        if (shown == null || !MessageDigest.isEqual(token, shown.getBytes(StandardCharsets.UTF_8))) {
            ((HttpServletResponse) response).sendError(HttpServletResponse.SC_FORBIDDEN, "look at these pages with: headrace job-run ui");
            return;
        }
        chain.doFilter(request, response);
    }

    @Override
    public void destroy() {
    }
}
