/** The customers' page of the sample desk: frames as tall as the mail in them. */
import "./mailframe.js";
