/** Everything the desk needs beyond links, forms and fragments. */
import "./keys.js";
import "./menu.js";
import "./toast.js";
import "./theme.js";
import "./times.js";
import "./list.js";
import "./timeline.js";
import "./mailframe.js";
import "./composer.js";
import "./palette.js";
import "./realtime.js";
