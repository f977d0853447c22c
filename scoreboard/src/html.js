/* The one place that joins the libraries: templates that make Preact elements. */
import { h, render, createContext } from '../lib/preact.js';
import {
    useContext, useEffect, useLayoutEffect, useMemo, useRef, useState,
} from '../lib/hooks.js';
import htm from '../lib/htm.js';

export const html = htm.bind(h);
export {
    createContext, render, useContext, useEffect, useLayoutEffect, useMemo, useRef, useState,
};
